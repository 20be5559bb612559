// validate(): who waits on words of memory, each in the bucket of its key.
import { BROKEN_FUTEX } from '../abi/invariant'
import { FUTEX_BUCKETS, FutexBucket } from '../ipc/bucket'
import { Waiter } from '../ipc/waiter'
import { Cache, Kind } from '../phys/slab'
import { broken } from './report'

/** Every bucket. */
export function checkFutexes(): u32 {
  for (let index: u32 = 0; index < FUTEX_BUCKETS; index++) {
    const bucket = FutexBucket.at(index)
    const length = bucket.waiters.checkedLength(Cache.of(Kind.Waiter).active)
    if (bucket.isHeld) return broken(BROKEN_FUTEX, index, length)
    for (let link = bucket.waiters.next; link !== bucket.waiters; link = link.next) {
      const waiter = changetype<Waiter>(link)
      const right = waiter.bucket === changetype<u32>(bucket) && FutexBucket.of(waiter.key) === bucket && waiter.answered === 0
      if (!right || waiter.ids || waiter.count === 0) return broken(BROKEN_FUTEX, index, waiter.pid)
    }
  }
  return 0
}

/** How many wait on words. */
export function countOnWords(): u32 {
  let count: u32 = 0
  for (let index: u32 = 0; index < FUTEX_BUCKETS; index++) {
    count += FutexBucket.at(index).waiters.checkedLength(Cache.of(Kind.Waiter).active)
  }
  return count
}
