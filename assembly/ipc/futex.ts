// Threads that wait on words of memory: Linux's futexes. A word is known by what stands behind its
// address: an object's page, so that processes meet which map it elsewhere, or a process's own page.
// A thread waits on one word at a time, so its waiter is a part of its CPU's block: none is allocated
// and none can leak. Waiters stand in buckets, by hash, first come, first served. Takes: Futex.
import { CPU_FUTEX, FUTEXES } from '../abi/layout'
import { Link } from '../lib/list'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** How many buckets there are. */
export const FUTEX_BUCKETS: u32 = 64

/** What a word is known by. A CPU's block has one, in which the calls of its thread make theirs. */
@unmanaged
@final
export class FutexKey {
  /** Address of the process's Mm, or of the inode's mount. */
  owner: u32
  /** The pid, or the inode's number: addresses are used again, these are not while anyone may wait. */
  id: u32
  /** Address within the process, or in the inode's bytes. */
  at: u64

  @inline
  static of(cpu: Cpu): FutexKey {
    return changetype<FutexKey>(changetype<usize>(cpu) + CPU_FUTEX)
  }

  equals(other: FutexKey): bool {
    return this.at === other.at && this.id === other.id && this.owner === other.owner
  }
}

/** One bucket; behind it stands the Link of its waiters. */
@unmanaged
@final
export class FutexBucket extends Lock {
  @inline
  static at(index: u32): FutexBucket {
    return changetype<FutexBucket>(FUTEXES + <usize>index * FutexBucket.size)
  }

  @inline
  static of(key: FutexKey): FutexBucket {
    const hash = (<u32>(key.at >> 2) ^ key.id ^ (key.owner >> 6)) * 0x9e3779b1
    return FutexBucket.at(hash >> 26)
  }

  @inline
  static get size(): usize {
    return offsetof<FutexBucket>() + offsetof<Link>()
  }

  /** The waiters, who came first in front. Guard: Futex. */
  @inline
  get waiters(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<FutexBucket>())
  }
}

/** A thread that waits, or did. Its key stands behind it. Guard, where a field says no other: Futex of its bucket. */
@unmanaged
@final
export class FutexWaiter extends Link {
  /** Address of the bucket in which it waits, 0 if in none. Guard: Futex to clear; its thread sets it. Atomic. */
  bucket: u32
  /** 1 once it was woken; the thread sleeps on this word. Guard: atomic. */
  woken: u32

  @inline
  static of(cpu: Cpu): FutexWaiter {
    return changetype<FutexWaiter>(changetype<usize>(cpu) + CPU_FUTEX + offsetof<FutexKey>())
  }

  @inline
  get key(): FutexKey {
    return changetype<FutexKey>(changetype<usize>(this) + offsetof<FutexWaiter>())
  }

  @inline
  static get size(): usize {
    return offsetof<FutexWaiter>() + offsetof<FutexKey>()
  }
}

/** Empties all buckets. */
export function initFutexes(): void {
  for (let index: u32 = 0; index < FUTEX_BUCKETS; index++) FutexBucket.at(index).waiters.reset()
}

/** Makes this thread wait on the word with a key. Holds: Futex of the key's bucket. */
export function enterWaiterLocked(bucket: FutexBucket, key: FutexKey): void {
  const waiter = FutexWaiter.of(Cpu.current)
  memory.copy(changetype<usize>(waiter.key), changetype<usize>(key), offsetof<FutexKey>())
  atomic.store<u32>(changetype<usize>(waiter), 0, offsetof<FutexWaiter>('woken'))
  atomic.store<u32>(changetype<usize>(waiter), changetype<u32>(bucket), offsetof<FutexWaiter>('bucket'))
  waiter.insertBefore(bucket.waiters)
  Cpu.current.asleep = 1
}

/** Takes the waiter of a CPU, whose thread this is or which is gone, out of its bucket; says whether it had been woken. Takes: Futex. */
export function leaveWaiter(cpu: Cpu): bool {
  const waiter = FutexWaiter.of(cpu)
  cpu.asleep = 0
  const bucket = changetype<FutexBucket>(atomic.load<u32>(changetype<usize>(waiter), offsetof<FutexWaiter>('bucket')))
  if (bucket) {
    bucket.lock(Rank.Futex)
    if (waiter.bucket !== 0) {
      waiter.unlink()
      waiter.bucket = 0
    }
    bucket.unlock(Rank.Futex)
  }
  return waiter.woken !== 0
}

/** Wakes at most `count` threads that wait on the word with a key, who came first before others; returns how many. Takes: Futex. */
export function wakeWaiters(key: FutexKey, count: u32): u32 {
  const bucket = FutexBucket.of(key)
  let woken: u32 = 0
  bucket.lock(Rank.Futex)
  let link = bucket.waiters.next
  while (link !== bucket.waiters && woken < count) {
    const waiter = changetype<FutexWaiter>(link)
    link = link.next
    if (!waiter.key.equals(key)) continue
    waiter.unlink()
    atomic.store<u32>(changetype<usize>(waiter), 1, offsetof<FutexWaiter>('woken'))
    atomic.store<u32>(changetype<usize>(waiter), 0, offsetof<FutexWaiter>('bucket'))
    atomic.notify(changetype<usize>(waiter) + offsetof<FutexWaiter>('woken'), 1)
    woken++
  }
  bucket.unlock(Rank.Futex)
  return woken
}
