// Small objects of one size, packed into frames. A slab with a free object stands in its cache's
// list; an empty slab goes back to the frame allocator, unless it is the only one there: that waits at the end of the list
// until frames are counted. Objects come zeroed; a freed one is poisoned in the debug build, and writing to it later is noticed. Once several threads are in the machine,
// each CPU keeps a few objects of the kinds that come and go with mappings, and counts them as in use; they
// go back when its thread ends, or frames are counted. Takes: Slab, Zone.
import { CACHE_SIZE, CACHES, CPU_RESERVES, CPU_TLB, PAGE_SIZE, RESERVE_SIZE } from '../abi/layout'
import { PANIC_BAD_OBJECT } from '../abi/panic'
import { bug } from '../lib/bug'
import { Link } from '../lib/list'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'
import { Frame, State } from './frame'
import { allocFrame, freeFrame } from './pcp'
import { Need } from './zone'

/** The caches. */
export enum Kind {
  Mm,
  Vma,
  Family,
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

/** CPUs keep objects of the kinds below this, so many at most. */
const RESERVED: u32 = Kind.SemSet
const RESERVE: u32 = 14

/** How many caches there are. */
export const KINDS: u32 = Kind.Bytes2048 + 1

/** A cache; behind it stands the Link of its list. */
@unmanaged
@final
export class Cache extends Lock {
  /** Bytes of an object, a multiple of 64, so that addresses of objects have six low bits free. Guard: immutable. */
  size: u32
  /** Objects in a slab. Guard: immutable. */
  perSlab: u32
  /** Objects in use, or kept by CPUs. Guard: Slab; read racily. */
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

/** What a CPU keeps of one kind, for the CPU's thread to take without the cache's lock; behind it stand their addresses. Guard: the CPU's thread. */
@unmanaged
@final
class Reserve {
  count: u32

  @inline
  static of(cpu: Cpu, kind: Kind): Reserve {
    return changetype<Reserve>(changetype<usize>(cpu) + CPU_RESERVES + <usize>kind * RESERVE_SIZE)
  }

  /** Address of a place. */
  @inline
  private place(index: u32): usize {
    return changetype<usize>(this) + offsetof<Reserve>() + ((<usize>index) << 2)
  }

  @inline
  push(object: usize): void {
    store<u32>(this.place(this.count++), <u32>object)
  }

  @inline
  pop(): usize {
    return load<u32>(this.place(--this.count))
  }
}

/** Whether CPUs keep objects of a kind: while one thread has the machine for itself, there is no lock to spare it. */
function hasReserve(kind: Kind): bool {
  return !Cpu.alone && <u32>kind < RESERVED
}

/** Address of a zeroed object; 0 if there is no memory. Takes: Slab. */
export function allocObject(kind: Kind): usize {
  const cache = Cache.of(kind)
  const object = hasReserve(kind) ? takeReserved(Reserve.of(Cpu.current, kind), cache) : takeOne(cache)
  if (object === 0) return 0
  if (!ASC_NO_ASSERT) checkPoison(object, cache.size)
  memory.fill(object, 0, cache.size)
  return object
}

/** Takes: Slab. */
function takeOne(cache: Cache): usize {
  cache.lock(Rank.Slab)
  const object = takeLocked(cache)
  cache.unlock(Rank.Slab)
  return object
}

/** Holds: Slab. */
function takeLocked(cache: Cache): usize {
  const slab = cache.partial.isEmpty ? newSlabLocked(cache) : changetype<Frame>(cache.partial.next)
  if (!slab) return 0
  const object: usize = slab.maps
  slab.maps = load<u32>(object)
  if (++slab.index === <u64>cache.perSlab) slab.unlink()
  cache.active++
  return object
}

/** Takes an object from a CPU's reserve, which is filled half from slabs that exist if it is empty. Takes: Slab. */
function takeReserved(reserve: Reserve, cache: Cache): usize {
  if (reserve.count === 0) {
    cache.lock(Rank.Slab)
    const object = takeLocked(cache)
    while (reserve.count < RESERVE / 2 && !cache.partial.isEmpty) reserve.push(takeLocked(cache))
    cache.unlock(Rank.Slab)
    return object
  }
  return reserve.pop()
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
  slab.stamp(State.Slab, changetype<u32>(cache))
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
  if (!slab.isStamped(State.Slab, changetype<u32>(cache))) bug(PANIC_BAD_OBJECT, <u32>object, kind)
  if (!ASC_NO_ASSERT) memory.fill(object, POISON, cache.size)
  if (hasReserve(kind)) {
    const reserve = Reserve.of(Cpu.current, kind)
    if (reserve.count === RESERVE) drain(reserve, cache, RESERVE / 2)
    reserve.push(object)
    return
  }
  cache.lock(Rank.Slab)
  giveLocked(cache, object)
  cache.unlock(Rank.Slab)
}

/** Holds: Slab. Takes: Zone. */
function giveLocked(cache: Cache, object: usize): void {
  const slab = Frame.of(object)
  if (slab.index === <u64>cache.perSlab) changetype<Link>(slab).insertAfter(cache.partial)
  store<u32>(object, slab.maps)
  slab.maps = <u32>object
  cache.active--
  if (--slab.index === 0 && slab.prev !== slab.next) endSlabLocked(cache, slab)
}

/** Gives an empty slab back. Holds: Slab. Takes: Zone. */
function endSlabLocked(cache: Cache, slab: Frame): void {
  slab.unlink()
  cache.slabs--
  slab.maps = 0
  freeFrame(slab)
}

/** Gives back all of a reserve but `keep` objects. Takes: Slab. */
function drain(reserve: Reserve, cache: Cache, keep: u32): void {
  if (reserve.count <= keep) return
  cache.lock(Rank.Slab)
  while (reserve.count > keep) giveLocked(cache, reserve.pop())
  cache.unlock(Rank.Slab)
}

/** Gives back the objects that a CPU keeps in reserve, and empty slabs: its own thread, or nobody has it, or it stands still. Takes: Slab. */
export function drainObjects(cpu: Cpu): void {
  for (let kind: u32 = 0; kind < KINDS; kind++) {
    const cache = Cache.of(kind)
    if (kind < RESERVED) drain(Reserve.of(cpu, kind), cache, 0)
    cache.lock(Rank.Slab)
    const last = changetype<Frame>(cache.partial.prev)
    if (!cache.partial.isEmpty && last.index === 0) endSlabLocked(cache, last)
    cache.unlock(Rank.Slab)
  }
}

/** Traps if a free object was written to behind its first word. */
function checkPoison(object: usize, size: u32): void {
  for (let at: u32 = 4; at < size; at++) assert(load<u8>(object + at) === POISON, 'slab: a freed object was written to')
}

if (offsetof<Reserve>() + RESERVE * 4 > RESERVE_SIZE) ERROR('a reserve is larger than its place')
if (CPU_RESERVES + RESERVED * RESERVE_SIZE > CPU_TLB) ERROR('the reserves reach into the TLB')
