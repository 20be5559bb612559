// Small objects of one size, packed into frames. A slab with a free object stands in its cache's
// list; an empty slab goes back to the frame allocator at once. Objects come zeroed; a freed one is
// poisoned in the debug build, and writing to it later is noticed. Takes: Slab, Zone.
import { CACHE_SIZE, CACHES, PAGE_SIZE } from '../abi/layout'
import { PANIC_BAD_OBJECT } from '../abi/panic'
import { bug } from '../lib/bug'
import { Link } from '../lib/list'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'
import { Frame, State } from './frame'
import { allocFrame, freeFrame } from './pcp'
import { Need } from './zone'

/** The caches. */
export enum Kind {
  Mm,
  Vma,
  Node,
  Inode,
  File,
  Segment,
  Task,
  Thread,
  Dentry,
  Name,
  Namespace,
  SemSet,
  Waiter,
  MsgQueue,
  /** Memory of any size, by powers of two: phys/bytes. */
  Bytes64,
  Bytes128,
  Bytes256,
  Bytes512,
  Bytes1024,
  Bytes2048,
}

const POISON: u8 = 0x6b

/** How many caches there are. */
export const KINDS: u32 = 19

/** A cache; behind it stands the Link of its list. */
@unmanaged
@final
export class Cache extends Lock {
  /** Bytes of an object, a multiple of 64, so that addresses of objects have six low bits free. Guard: immutable. */
  size: u32
  /** Objects in a slab. Guard: immutable. */
  perSlab: u32
  /** Objects in use. Guard: Slab; read racily. */
  active: u32
  /** Frames in use. Guard: Slab; read racily. */
  slabs: u32
  /** Objects that validate() found in use, of caches for memory of any size. */
  tally: u32

  @inline
  static of(kind: Kind): Cache {
    return changetype<Cache>(CACHES + <usize>kind * CACHE_SIZE)
  }

  /** Slabs with an object free. Guard: Slab. */
  @inline
  get partial(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Cache>())
  }
}

/** Makes the cache for objects of `bytes`. */
export function initCache(kind: Kind, bytes: u32): void {
  const cache = Cache.of(kind)
  cache.size = (bytes + 63) & ~63
  cache.perSlab = PAGE_SIZE / cache.size
  cache.partial.reset()
}

/** Address of a zeroed object; 0 if there is no memory. Takes: Slab. */
export function allocObject(kind: Kind): usize {
  const cache = Cache.of(kind)
  cache.lock(Rank.Slab)
  const slab = cache.partial.isEmpty ? newSlabLocked(cache) : changetype<Frame>(cache.partial.next)
  if (!slab) {
    cache.unlock(Rank.Slab)
    return 0
  }
  const object: usize = slab.maps
  slab.maps = load<u32>(object)
  if (++slab.index === <u64>cache.perSlab) slab.unlink()
  cache.active++
  cache.unlock(Rank.Slab)
  if (!ASC_NO_ASSERT) checkPoison(object, cache.size)
  memory.fill(object, 0, cache.size)
  return object
}

/** Holds: Slab. */
function newSlabLocked(cache: Cache): Frame | null {
  const slab = allocFrame(Need.Kernel)
  if (!slab) return null
  const page = slab.page
  if (!ASC_NO_ASSERT) memory.fill(page, POISON, PAGE_SIZE)
  let next: u32 = 0
  for (let i = cache.perSlab; i > 0; i--) {
    const object = <u32>page + (i - 1) * cache.size
    store<u32>(object, next)
    next = object
  }
  slab.state = State.Slab
  slab.owner = changetype<u32>(cache)
  slab.maps = next
  slab.index = 0
  changetype<Link>(slab).insertAfter(cache.partial)
  cache.slabs++
  return slab
}

/** Frees an object. Takes: Slab. */
export function freeObject(kind: Kind, object: usize): void {
  const cache = Cache.of(kind)
  const slab = Frame.of(object)
  if (slab.state !== State.Slab || slab.owner !== changetype<u32>(cache)) bug(PANIC_BAD_OBJECT, <u32>object, kind)
  if (!ASC_NO_ASSERT) memory.fill(object, POISON, cache.size)
  cache.lock(Rank.Slab)
  if (slab.index === <u64>cache.perSlab) changetype<Link>(slab).insertAfter(cache.partial)
  store<u32>(object, slab.maps)
  slab.maps = <u32>object
  cache.active--
  const empty = --slab.index === 0
  if (empty) {
    slab.unlink()
    cache.slabs--
    slab.maps = 0
  }
  cache.unlock(Rank.Slab)
  if (empty) freeFrame(slab)
}

/** Traps if a free object was written to behind its first word. */
function checkPoison(object: usize, size: u32): void {
  for (let at: u32 = 4; at < size; at++) assert(load<u8>(object + at) === POISON, 'slab: a freed object was written to')
}
