// The page cache of one object: its pages by index, and the VMAs that show them. An object lives
// while something refers to it: a segment, and each VMA. Takes: Mapping, Slab, Zone.
import { Link } from '../lib/list'
import { Frame } from '../phys/frame'
import { freeFrame } from '../phys/pcp'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Lock } from '../sync/lock'
import { Node, radixClear, radixGet, radixNext, radixSet } from './radix'

/** The pages of an object; behind the struct stands the Link of its VMAs. */
@unmanaged
@final
export class Mapping extends Lock {
  /** The radix tree's root, null if there are no pages. Guard: Mapping. */
  root: Node | null
  /** Frames in the tree. Guard: Mapping; read racily. */
  pages: u32
  /** Pages from here on are beyond the object's end. Guard: immutable while objects cannot be truncated. */
  length: u32
  /** Who holds the object. Guard: atomic. */
  refs: u32

  /** Address of the root, for the tree's functions. */
  @inline
  get rootAt(): usize {
    return changetype<usize>(this) + offsetof<Mapping>('root')
  }

  /** The VMAs of this object, linked by their `shared` links. Guard: Mapping. */
  @inline
  get vmas(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Mapping>())
  }

  /** Size of the object with its list. */
  @inline
  static get size(): u32 {
    return offsetof<Mapping>() + offsetof<Link>()
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

  /** Gets hold of the object. */
  @inline
  addRef(): void {
    atomic.add<u32>(changetype<usize>(this), 1, offsetof<Mapping>('refs'))
  }
}

/** An object of `length` pages, none of them there, with one reference; null if there is no memory. */
export function newMapping(length: u32): Mapping | null {
  const mapping = changetype<Mapping>(allocObject(Kind.Mapping))
  if (!mapping) return null
  mapping.length = length
  mapping.refs = 1
  mapping.vmas.reset()
  return mapping
}

/** Lets go of an object; the last one frees its pages, which nothing maps any more. Takes: Mapping. */
export function putMapping(mapping: Mapping): void {
  if (atomic.sub<u32>(changetype<usize>(mapping), 1, offsetof<Mapping>('refs')) !== 1) return
  let index = radixNext(mapping.root, 0)
  while (index >= 0) {
    const frame = changetype<Frame>(radixGet(mapping.root, <u32>index))
    radixClear(mapping.rootAt, <u32>index)
    if (frame.dropRef()) freeFrame(frame)
    index = radixNext(mapping.root, <u32>index)
  }
  freeObject(Kind.Mapping, changetype<usize>(mapping))
}
