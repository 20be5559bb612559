// A radix tree from u32 indices to entries, 64 to a node, as deep as its largest index needs. An
// entry is the address of a frame's struct, or a value marked by bit 0 (a swapped page or a shadow);
// 0 is none. Nodes are made on demand and freed when empty. The owner's lock guards the tree.
import { allocObject, freeObject, Kind } from '../phys/slab'

const BITS: u32 = 6
const SLOTS: u32 = 64
/** radixNodes' answer where a tree is not as it should be. */
const BROKEN: u32 = 0xffffffff

/** A node; behind its head stand the slots. */
@unmanaged
@final
export class Node {
  /** Indices under one slot are 2^shift. */
  shift: u32
  /** Slots that are not 0. */
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

/** The entry at an index, 0 if there is none. */
export function radixGet(root: Node | null, index: u32): u32 {
  if (!root || !covers(root, index)) return 0
  let node: Node = root
  while (node.shift > 0) {
    const below = load<u32>(node.slot(index))
    if (below === 0) return 0
    node = changetype<Node>(below)
  }
  return load<u32>(node.slot(index))
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

/**
 * Sets the entry at an index, which is not 0. The root is the word at `root`. False, and nothing is
 * changed but the tree's depth, if there is no memory.
 */
export function radixSet(root: usize, index: u32, entry: u32): bool {
  // a tree of one node begins as deep as its index needs: no node is ever empty
  if (load<u32>(root) === 0) store<u32>(root, changetype<u32>(newNode(shiftFor(index))))
  let node = changetype<Node>(load<u32>(root))
  if (!node) return false
  while (!covers(node, index)) {
    const above = newNode(node.shift + BITS)
    if (!above) return false
    store<u32>(above.slot(0), changetype<u32>(node))
    above.used = 1
    store<u32>(root, changetype<u32>(above))
    node = above
  }
  while (node.shift > 0) {
    const slot = node.slot(index)
    if (load<u32>(slot) === 0) {
      const below = newNode(node.shift - BITS)
      if (!below) {
        radixPrune(root, index)
        return false
      }
      store<u32>(slot, changetype<u32>(below))
      node.used++
    }
    node = changetype<Node>(load<u32>(slot))
  }
  const slot = node.slot(index)
  if (load<u32>(slot) === 0) node.used++
  store<u32>(slot, entry)
  return true
}

/** Clears the entry at an index, if there is one, and frees the nodes this leaves empty. */
export function radixClear(root: usize, index: u32): void {
  let node = changetype<Node>(load<u32>(root))
  if (!node || !covers(node, index)) return
  while (node.shift > 0) {
    node = changetype<Node>(load<u32>(node.slot(index)))
    if (!node) return
  }
  const slot = node.slot(index)
  if (load<u32>(slot) === 0) return
  store<u32>(slot, 0)
  node.used--
  radixPrune(root, index)
}

/** Frees the empty nodes on the way to an index, lowest first. */
function radixPrune(root: usize, index: u32): void {
  while (true) {
    let slot = root
    let above = changetype<Node>(0)
    let node = changetype<Node>(load<u32>(root))
    if (!node) return
    while (node.shift > 0) {
      const next = node.slot(index)
      if (load<u32>(next) === 0) break
      slot = next
      above = node
      node = changetype<Node>(load<u32>(next))
    }
    if (node.used !== 0) return
    store<u32>(slot, 0)
    if (above) above.used--
    freeObject(Kind.Node, changetype<usize>(node))
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
