// A radix tree from u32 indices to entries, 64 to a node, as deep as its largest index needs. An
// entry is the address of a frame's struct, or a value marked by bit 0 (a swapped page or a shadow);
// 0 is none. Nodes are made on demand and freed when empty. The owner's lock guards the tree; an owner
// may let others walk it without (radixGet): whatever is linked is whole by then, and the owner waits for
// them between taking nodes out and freeing them.
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Cpu } from '../sync/cpu'

const BITS: u32 = 6
/** Slots of a node: so many entries, the first a multiple of this, are in one leaf. */
export const SLOTS: u32 = 64
/** radixNodes' answer where a tree is not as it should be. */
const BROKEN: u32 = 0xffffffff

/** A node; behind its head stand the slots. */
@unmanaged
@final
export class Node {
  /** Indices under one slot are 2^shift. */
  shift: u32
  /** Slots that are not 0; of a node that was taken out, the next such node. */
  used: u32

  @inline
  static get size(): u32 {
    return offsetof<Node>() + SLOTS * 4
  }

  /** Address of the slot for an index. */
  @inline
  slot(index: u32): usize {
    return changetype<usize>(this) + offsetof<Node>() + (((index >> this.shift) & (SLOTS - 1)) << 2)
  }
}

/** Whether the tree reaches to an index. */
function covers(root: Node, index: u32): bool {
  const bits = root.shift + BITS
  return bits >= 32 || index >> bits === 0
}

/** Sets a slot or the root: what `entry` leads to was written before. */
function link(at: usize, entry: u32): void {
  if (Cpu.alone) store<u32>(at, entry)
  else atomic.store<u32>(at, entry)
}

/** The entry at an index, 0 if there is none. */
export function radixGet(root: Node | null, index: u32): u32 {
  if (!root || !covers(root, index)) return 0
  let node: Node = root
  while (node.shift > 0) {
    const below = atomic.load<u32>(node.slot(index))
    if (below === 0) return 0
    node = changetype<Node>(below)
  }
  return atomic.load<u32>(node.slot(index))
}

/** The shift of the lowest node that reaches to an index from the first on. */
function shiftFor(index: u32): u32 {
  let shift: u32 = 0
  while (index >> shift >= SLOTS) shift += BITS
  return shift
}

/** How many nodes a tree has below and with a node; 0xffffffff if one is empty or counts other slots than it uses. */
export function radixNodes(node: Node | null): u32 {
  if (!node) return 0
  let nodes: u32 = 1
  let used: u32 = 0
  for (let i: u32 = 0; i < SLOTS; i++) {
    const entry = load<u32>(changetype<usize>(node) + offsetof<Node>() + (i << 2))
    if (entry === 0) continue
    used++
    const below = node.shift === 0 ? 0 : radixNodes(changetype<Node>(entry))
    if (below === BROKEN) return BROKEN
    nodes += below
  }
  return used !== 0 && used === node.used ? nodes : BROKEN
}

function newNode(shift: u32): Node | null {
  const node = changetype<Node>(allocObject(Kind.Node))
  if (node) node.shift = shift
  return node
}

/** Address of a node of this shift that leads to nothing but an entry; 0 if there is no memory. */
function newBranch(shift: u32, index: u32, entry: u32): u32 {
  let branch = entry
  for (let at: u32 = 0; at <= shift; at += BITS) {
    const node = newNode(at)
    if (!node) {
      freeBranch(branch, at, index)
      return 0
    }
    store<u32>(node.slot(index), branch)
    node.used = 1
    branch = changetype<u32>(node)
  }
  return branch
}

/** Frees what newBranch made below a shift. */
function freeBranch(branch: u32, shift: u32, index: u32): void {
  for (let at = shift; at > 0; at -= BITS) {
    const below = load<u32>(changetype<Node>(branch).slot(index))
    freeObject(Kind.Node, branch)
    branch = below
  }
}

/**
 * Enters something, not 0, at an index where nothing is; returns what stands there then, or 0, and nothing is changed but
 * the tree's depth, if there is no memory. The root is the word at `root`.
 */
export function radixEnter(root: usize, index: u32, entry: u32): u32 {
  let node = changetype<Node>(load<u32>(root))
  // a tree of one node begins as deep as its index needs: no node is ever empty
  if (!node) return enterBranch(root, shiftFor(index), index, entry)
  while (!covers(node, index)) {
    const above = newNode(node.shift + BITS)
    if (!above) return 0
    store<u32>(above.slot(0), changetype<u32>(node))
    above.used = 1
    link(root, changetype<u32>(above))
    node = above
  }
  let slot = node.slot(index)
  while (node.shift > 0) {
    const below = load<u32>(slot)
    if (below === 0) {
      const entered = enterBranch(slot, node.shift - BITS, index, entry)
      if (entered !== 0) node.used++
      return entered
    }
    node = changetype<Node>(below)
    slot = node.slot(index)
  }
  const old = load<u32>(slot)
  if (old !== 0) return old
  node.used++
  link(slot, entry)
  return entry
}

/** Enters a new branch where nothing is; returns its entry, 0 if there is no memory. */
function enterBranch(at: usize, shift: u32, index: u32, entry: u32): u32 {
  const branch = newBranch(shift, index, entry)
  if (branch === 0) return 0
  link(at, branch)
  return entry
}

/** Changes the entry at an index, where there is one, to another that is not 0. */
export function radixReplace(root: Node, index: u32, entry: u32): void {
  link(changetype<Node>(radixLeaf(root, index)).slot(index), entry)
}

/** Clears the entry at an index, if there is one, and frees the nodes this leaves empty: of a tree that is walked under the lock only. */
export function radixClear(root: usize, index: u32): void {
  const leaf = radixLeaf(changetype<Node>(load<u32>(root)), index)
  if (!leaf) return
  radixTake(leaf, index)
  freeNodes(radixPrune(root, index, null))
}

/** The lowest node for an index; null if there is none. */
export function radixLeaf(root: Node | null, index: u32): Node | null {
  let node = root
  if (node && !covers(node, index)) return null
  while (node && node.shift > 0) node = changetype<Node>(load<u32>(node.slot(index)))
  return node
}

/** Takes the entry at an index out of its leaf and returns it, 0 if there is none. The leaf may be empty then: see radixPrune. */
export function radixTake(leaf: Node, index: u32): u32 {
  const slot = leaf.slot(index)
  const entry = load<u32>(slot)
  if (entry === 0) return 0
  link(slot, 0)
  leaf.used--
  return entry
}

/** Takes the empty nodes on the way to an index out of the tree at `root`, lowest first; returns them, linked, before `others`. */
export function radixPrune(root: usize, index: u32, others: Node | null): Node | null {
  const node = changetype<Node>(load<u32>(root))
  if (!node || !covers(node, index)) return others
  let taken = others
  const below = node.shift === 0 ? 0 : node.slot(index)
  if (below !== 0 && load<u32>(below) !== 0) {
    taken = radixPrune(below, index & (((<u32>1) << node.shift) - 1), taken)
    if (load<u32>(below) === 0) node.used--
  }
  if (node.used !== 0) return taken
  link(root, 0)
  node.used = changetype<u32>(taken)
  return node
}

/** Frees nodes that were taken out of a tree, which nobody walks any more. */
export function freeNodes(taken: Node | null): void {
  while (taken) {
    const next = changetype<Node>(taken.used)
    freeObject(Kind.Node, changetype<usize>(taken))
    taken = next
  }
}

/** The first index at or behind `index` that has an entry; -1 if there is none. */
export function radixNext(root: Node | null, index: u32): i64 {
  let at: u64 = index
  while (root && at <= 0xffffffff && covers(root, <u32>at)) {
    let node: Node = root
    while (node.shift > 0 && load<u32>(node.slot(<u32>at)) !== 0) node = changetype<Node>(load<u32>(node.slot(<u32>at)))
    if (node.shift === 0 && load<u32>(node.slot(<u32>at)) !== 0) return <i64>at
    at = ((at >> <u64>node.shift) + 1) << (<u64>node.shift)
  }
  return -1
}
