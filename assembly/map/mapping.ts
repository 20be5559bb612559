// The page cache of one object: its pages by index, and the VMAs that show them. Every object is an
// inode, of which this is the first part. Takes: Slab, Zone.
import { Link } from '../lib/list'
import { Frame } from '../phys/frame'
import { freeFrame } from '../phys/pcp'
import { Lock } from '../sync/lock'
import { Node, radixClear, radixGet, radixNext, radixSet } from './radix'

/** The pages of an object. */
@unmanaged
export class Mapping extends Lock {
  /** The radix tree's root, null if there are no pages. Guard: Mapping. */
  root: Node | null
  /** Frames in the tree. Guard: Mapping; read racily. */
  pages: u32
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

  /** The frame or value at an index, 0 if there is none. Holds: Mapping. */
  entryLocked(index: u32): u32 {
    return radixGet(this.root, index)
  }

  /** Enters a frame at an index; false if there is no memory. Holds: Mapping. */
  enterLocked(index: u32, frame: Frame): bool {
    if (!radixSet(this.rootAt, index, changetype<u32>(frame))) return false
    this.pages++
    return true
  }

  /** Takes the frames at [first, last] out, with the reference of the object; returns how many there were. Holds: Mapping. */
  dropRangeLocked(first: u32, last: u32): u32 {
    let dropped: u32 = 0
    for (let index = radixNext(this.root, first); index >= 0 && index <= <i64>last; index = radixNext(this.root, <u32>index)) {
      const frame = changetype<Frame>(radixGet(this.root, <u32>index))
      radixClear(this.rootAt, <u32>index)
      if (frame.dropRef()) freeFrame(frame)
      dropped++
    }
    this.pages -= dropped
    atomic.add<u32>(changetype<usize>(this), 1, offsetof<Mapping>('generation'))
    return dropped
  }
}
