// The tree of an address space's VMAs: a treap in order of address, with the widest gap of every
// subtree, so that finding an address and finding room both go down one path. R. Seidel, C. R.
// Aragon: Randomized Search Trees, 1996. A gap is the room between a VMA and the one before it, less what a VMA that
// grows down keeps free;
// `list` is the sentinel of the VMAs in order. Holds, in every function: Space.
import { STACK_GAP } from '../abi/limits'
import { Link } from '../lib/list'
import { VM_GROWSDOWN, Vma } from './vma'

/** The page below which others may be mapped: what grows down keeps a gap, as Linux's vm_start_gap. */
export function roomEnd(vma: Vma): u64 {
  if ((vma.flags & VM_GROWSDOWN) === 0) return vma.start
  return vma.start > STACK_GAP ? vma.start - STACK_GAP : 0
}

/** The end of the VMA before one. */
function roomStart(vma: Vma, list: Link): u64 {
  return vma.prev === list ? 0 : changetype<Vma>(vma.prev).end
}

/** Pages between a VMA and the one before it that others may have, or 0. */
function gapBefore(vma: Vma, list: Link): u64 {
  const start = roomStart(vma, list)
  const end = roomEnd(vma)
  return end > start ? end - start : 0
}

function update(vma: Vma, list: Link): void {
  let gap = gapBefore(vma, list)
  const left = vma.left
  const right = vma.right
  if (left) gap = max(gap, left.gap)
  if (right) gap = max(gap, right.gap)
  vma.gap = gap
}

/** The first VMA that ends behind a page; null if there is none. */
export function findVma(root: Vma | null, vpn: u64): Vma | null {
  let found: Vma | null = null
  let node = root
  while (node) {
    if (node.end > vpn) {
      found = node
      node = node.left
    } else node = node.right
  }
  return found
}

/** Enters a VMA that overlaps none into the tree and the list; returns the new root. */
export function insertVma(root: Vma | null, vma: Vma, list: Link): Vma {
  const next = findVma(root, vma.start)
  changetype<Link>(vma).insertBefore(next ? next : list)
  vma.left = null
  vma.right = null
  // the one behind it, whose gap shrinks, is above it where it enters, so its gap is computed again on the way
  return insertAt(root, vma, list)
}

function insertAt(node: Vma | null, vma: Vma, list: Link): Vma {
  if (!node) {
    update(vma, list)
    return vma
  }
  let top: Vma = node
  if (vma.start < node.start) {
    const left = insertAt(node.left, vma, list)
    node.left = left
    if (left.priority > node.priority) {
      node.left = left.right
      left.right = node
      update(node, list)
      top = left
    }
  } else {
    const right = insertAt(node.right, vma, list)
    node.right = right
    if (right.priority > node.priority) {
      node.right = right.left
      right.left = node
      update(node, list)
      top = right
    }
  }
  update(top, list)
  return top
}

/** Takes a VMA out of the tree and the list; returns the new root. */
export function removeVma(root: Vma, vma: Vma, list: Link): Vma | null {
  const next = vma.next
  vma.unlink()
  const top = removeAt(root, vma, list)
  return next === list || !top ? top : refresh(top, changetype<Vma>(next).start, list)
}

function removeAt(node: Vma, vma: Vma, list: Link): Vma | null {
  if (node === vma) return join(node.left, node.right, list)
  if (vma.start < node.start) node.left = removeAt(changetype<Vma>(node.left), vma, list)
  else node.right = removeAt(changetype<Vma>(node.right), vma, list)
  update(node, list)
  return node
}

/** One treap of two, all of `left` before all of `right`. */
function join(left: Vma | null, right: Vma | null, list: Link): Vma | null {
  if (!left) return right
  if (!right) return left
  if (left.priority > right.priority) {
    left.right = join(left.right, right, list)
    update(left, list)
    return left
  }
  right.left = join(left, right.left, list)
  update(right, list)
  return right
}

/** Computes the gaps on the way to the VMA that starts at `start` again, after its gap changed; returns the root. */
export function refresh(root: Vma, start: u64, list: Link): Vma {
  if (start < root.start) refresh(changetype<Vma>(root.left), start, list)
  else if (start > root.start) refresh(changetype<Vma>(root.right), start, list)
  update(root, list)
  return root
}

/** The highest page number of `length` free pages within [low, high); 0 if there is no such room. `low` is not 0. */
export function findRoom(root: Vma | null, list: Link, length: u64, low: u64, high: u64): u64 {
  const last = list.isEmpty ? 0 : changetype<Vma>(list.prev).end
  if (last < high && high - max(last, low) >= length) return high - length
  const vma = lastFit(root, list, length, low, high)
  return vma ? min(roomEnd(vma), high) - length : 0
}

/** The last VMA with `length` free pages before it within [low, high). */
function lastFit(node: Vma | null, list: Link, length: u64, low: u64, high: u64): Vma | null {
  if (!node || node.gap < length) return null
  // what stands right of a VMA that starts at or behind `high` has its gap behind `high` too
  if (node.start < high) {
    const found = lastFit(node.right, list, length, low, high)
    if (found) return found
  }
  const end = min(roomEnd(node), high)
  const begin = max(roomStart(node, list), low)
  if (begin < end && end - begin >= length) return node
  return node.start <= low ? null : lastFit(node.left, list, length, low, high)
}

/** The lowest page number of `length` free pages within [low, high); 0 if there is no such room. Goes from VMA to VMA. */
export function findLowRoom(root: Vma | null, list: Link, length: u64, low: u64, high: u64): u64 {
  let at = low
  let vma = findVma(root, low)
  while (vma && at + length > roomEnd(vma)) {
    at = max(at, vma.end)
    vma = vma.next === list ? changetype<Vma>(0) : changetype<Vma>(vma.next)
  }
  return at + length <= high ? at : 0
}
