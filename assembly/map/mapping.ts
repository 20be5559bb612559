// The page cache of one object: its pages by index, and the VMAs that show them. Every object is an
// inode, of which this is the first part. Takes: Swap, Slab, Zone.
import { FRAME_SIZE, FRAME_TABLE } from '../abi/layout'
import { Link } from '../lib/list'
import { Frame, PG_DIRTY, PG_SWAPBACKED } from '../phys/frame'
import { putFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { addTo } from '../sync/counter'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { freeNodes, Node, radixEnter, radixGet, radixLeaf, radixNext, radixPrune, radixReplace, radixTake, SLOTS } from './radix'
import { freeSwap } from './swap'
import { entryOf, isShadow, isValue, shadowValue, swapValue } from './swapEntry'

/** The pages of an object. */
@unmanaged
export class Mapping extends Lock {
  /** The radix tree's root, null if there are no pages. Guard: Mapping to write; who is in a walk may read, see mm/shmem. */
  root: Node | null
  /** Frames in the tree, and swap entries, or, of a disk's inode, shadows of frames that were evicted. Guard: Mapping; read racily. */
  pages: u32
  swapped: u32
  shadows: u32
  /** Frames in the tree that differ from their block of a disk. Guard: Mapping; read racily. */
  dirty: u32
  /**
   * Rises each time pages were taken out, before they are unmapped: a fault that found its page before
   * looks again, under the lock of its tables. Guard: atomic; written under Mapping.
   */
  generation: u32
  /** The VMAs that show the object, linked by their `shared` links. Guard: Mapping. */
  vmasPrev: Link
  vmasNext: Link

  /** Address of the root, for the tree's functions. */
  @inline
  get rootAt(): usize {
    return changetype<usize>(this) + offsetof<Mapping>('root')
  }

  /** The list of VMAs. Guard: Mapping. */
  @inline
  get vmas(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Mapping>('vmasPrev'))
  }

  /** How often pages were taken out. */
  @inline
  get generationNow(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Mapping>('generation'))
  }

  /** The frame or value (map/swapEntry) at an index, 0 if there is none. Holds: Mapping, or the CPU walks this object. */
  entryAt(index: u32): u32 {
    return radixGet(changetype<Node>(atomic.load<u32>(this.rootAt)), index)
  }

  /** The frame or value at an index, 0 if there is none. Holds: Mapping. */
  entryLocked(index: u32): u32 {
    return radixGet(this.root, index)
  }

  /** Enters a frame at an index, unless one is there, or a value; returns what is there then, 0 if there is no memory. Holds: Mapping. */
  enterLocked(index: u32, frame: Frame): u32 {
    const entered = radixEnter(this.rootAt, index, changetype<u32>(frame))
    if (entered === changetype<u32>(frame)) this.pages++
    return entered
  }

  /** Puts a frame where nothing is but, it may be, a shadow; false if there is no memory. Holds: Mapping. */
  placeLocked(index: u32, frame: Frame): bool {
    if (!isShadow(radixGet(this.root, index))) return this.enterLocked(index, frame) === changetype<u32>(frame)
    radixReplace(changetype<Node>(this.root), index, changetype<u32>(frame))
    this.shadows--
    this.pages++
    return true
  }

  /** Puts a frame in the place of its swap entry, which is the caller's then. Holds: Mapping. */
  bringLocked(index: u32, frame: Frame): void {
    radixReplace(changetype<Node>(this.root), index, changetype<u32>(frame))
    this.pages++
    this.swapped--
  }

  /**
   * Puts a swap entry, which the caller gives away, in the place of a frame that nothing maps, of which the caller has one reference and
   * the object one, which is dropped. False, with nothing changed, if somebody got hold of the frame. Holds: Mapping.
   */
  sendLocked(index: u32, frame: Frame, entry: u32): bool {
    const root = changetype<Node>(this.root)
    radixReplace(root, index, swapValue(entry))
    // who looked the frame up without the lock has counted it by then
    Cpu.awaitWalks(changetype<usize>(this), Superblock.only.cpus)
    if (frame.refCount !== 2) {
      radixReplace(root, index, changetype<u32>(frame))
      return false
    }
    this.pages--
    this.swapped++
    frame.dropRef()
    return true
  }

  /** Takes a frame out that nothing maps, as sendLocked, but leaves a shadow in its place, or nothing for 0; false, too, if it is dirty. Holds: Mapping. */
  dropCleanLocked(index: u32, frame: Frame, shadow: u32): bool {
    if (shadow !== 0) return this.leaveShadowLocked(index, frame, shadow)
    const leaf = changetype<Node>(radixLeaf(this.root, index))
    radixTake(leaf, index)
    Cpu.awaitWalks(changetype<usize>(this), Superblock.only.cpus)
    // it may have been mapped, written and unmapped since it was found clean
    if (frame.refCount !== 2 || frame.has(PG_DIRTY)) {
      radixEnter(this.rootAt, index, changetype<u32>(frame))
      return false
    }
    const nodes = radixPrune(this.rootAt, index, null)
    if (nodes) Cpu.awaitWalks(changetype<usize>(this), Superblock.only.cpus)
    freeNodes(nodes)
    this.pages--
    frame.dropRef()
    return true
  }

  /** As dropCleanLocked, with a shadow. Holds: Mapping. */
  private leaveShadowLocked(index: u32, frame: Frame, shadow: u32): bool {
    const root = changetype<Node>(this.root)
    radixReplace(root, index, shadowValue(shadow))
    Cpu.awaitWalks(changetype<usize>(this), Superblock.only.cpus)
    if (frame.refCount !== 2 || frame.has(PG_DIRTY)) {
      radixReplace(root, index, changetype<u32>(frame))
      return false
    }
    this.pages--
    this.shadows++
    frame.dropRef()
    return true
  }

  /**
   * Takes the frames at [first, last] out, with the reference of the object, and lets go of swap entries and shadows; returns how many there were of the first two. Who looked a
   * frame up without the lock has counted it when this lets go of it, and nobody is at a node any more when it is freed. Holds: Mapping.
   */
  dropRangeLocked(first: u32, last: u32): u32 {
    let dropped: u32 = 0
    let swapped: u32 = 0
    let shadows: u32 = 0
    let frames = changetype<Frame>(0)
    let nodes = changetype<Node>(0)
    for (let next = radixNext(this.root, first); next >= 0 && next <= <i64>last; ) {
      const leaf = changetype<Node>(radixLeaf(this.root, <u32>next))
      const end = min(last, <u32>next | (SLOTS - 1))
      for (let index = next; index <= <i64>end && leaf.used !== 0; index++) {
        const found = radixTake(leaf, <u32>index)
        if (found === 0) continue
        if (isShadow(found)) {
          shadows++
          continue
        }
        if (isValue(found)) {
          freeSwap(entryOf(found))
          swapped++
          continue
        }
        const frame = changetype<Frame>(found)
        if (frame.has(PG_DIRTY) && !frame.has(PG_SWAPBACKED)) this.dirty--
        // its links may be in a list of those that may be reclaimed; and its owner says now that it has none, see holdObject
        frame.owner = changetype<u32>(frames)
        frames = frame
        dropped++
      }
      nodes = changetype<Node>(radixPrune(this.rootAt, end, nodes))
      next = end === 0xffffffff ? -1 : radixNext(this.root, end + 1)
    }
    this.pages -= dropped
    this.swapped -= swapped
    this.shadows -= shadows
    addTo<u32>(changetype<usize>(this) + offsetof<Mapping>('generation'), 1)
    Cpu.awaitWalks(changetype<usize>(this), Superblock.only.cpus)
    while (frames) {
      const frame = frames
      frames = changetype<Frame>(frame.owner)
      frame.owner = 0
      putFrame(frame)
    }
    freeNodes(nodes)
    return dropped + swapped
  }
}

/** Whether an owner of an Object frame is no object's address: the page was taken out of its object. */
export function isNobody(owner: u32): bool {
  return owner < <u32>FRAME_TABLE + Superblock.only.frames * FRAME_SIZE
}
