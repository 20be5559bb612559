// What a word of memory is known by to those who wait on it, and the buckets in which they stand, by hash.
// A word is known by what stands behind its address: an object's page, so that processes meet which map it
// elsewhere, or a process's own page. Takes: Futex.
import { CPU_FUTEX, FUTEXES } from '../abi/layout'
import { Link } from '../lib/list'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'

/** How many buckets there are. */
export const FUTEX_BUCKETS: u32 = 64

/** What a word is known by. A CPU's block has two, in which the calls of its thread make theirs. */
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

  /** The other key of a CPU, for calls that are about two words. */
  @inline
  static second(cpu: Cpu): FutexKey {
    return changetype<FutexKey>(changetype<usize>(cpu) + CPU_FUTEX + offsetof<FutexKey>())
  }

  equals(other: FutexKey): bool {
    return this.at === other.at && this.id === other.id && this.owner === other.owner
  }

  /** Makes this key the other. */
  copyFrom(other: FutexKey): void {
    memory.copy(changetype<usize>(this), changetype<usize>(other), offsetof<FutexKey>())
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

/** Empties all buckets. */
export function initFutexes(): void {
  for (let index: u32 = 0; index < FUTEX_BUCKETS; index++) FutexBucket.at(index).waiters.reset()
}

/** Locks two buckets, or one if they are the same, by their order in memory. */
export function lockBoth(one: FutexBucket, other: FutexBucket): void {
  const inOrder = changetype<usize>(one) <= changetype<usize>(other)
  const first = inOrder ? one : other
  first.lock(Rank.Futex)
  if (one === other) return
  const second = inOrder ? other : one
  second.lock(Rank.SecondFutex)
}

/** Unlocks what lockBoth locked. */
export function unlockBoth(one: FutexBucket, other: FutexBucket): void {
  const inOrder = changetype<usize>(one) <= changetype<usize>(other)
  const first = inOrder ? one : other
  const second = inOrder ? other : one
  if (one !== other) second.unlock(Rank.SecondFutex)
  first.unlock(Rank.Futex)
}
