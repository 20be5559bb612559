// validate(): who waits on words of memory, each in the bucket of its key.
import { BROKEN_FUTEX } from '../abi/invariant'
import { FUTEX_BUCKETS, FutexBucket, FutexWaiter } from '../ipc/futex'
import { Superblock } from '../phys/superblock'
import { Cpu } from '../sync/cpu'
import { broken } from './report'

/** Every bucket, and every CPU's waiter. */
export function checkFutexes(): u32 {
  let listed: u32 = 0
  for (let index: u32 = 0; index < FUTEX_BUCKETS; index++) {
    const bucket = FutexBucket.at(index)
    if (bucket.isHeld) return broken(BROKEN_FUTEX, index, listed)
    listed += bucket.waiters.checkedLength(Superblock.only.cpus)
    for (let link = bucket.waiters.next; link !== bucket.waiters; link = link.next) {
      const waiter = changetype<FutexWaiter>(link)
      const right = waiter.bucket === changetype<u32>(bucket) && FutexBucket.of(waiter.key) === bucket && waiter.woken === 0
      if (!right) return broken(BROKEN_FUTEX, index, listed)
    }
  }
  let waiting: u32 = 0
  for (let id: u32 = 0; id < Superblock.only.cpus; id++) {
    const cpu = Cpu.at(id)
    if (FutexWaiter.of(cpu).bucket === 0) continue
    waiting++
    if (cpu.taken === 0) return broken(BROKEN_FUTEX, id, waiting)
  }
  return waiting === listed ? 0 : broken(BROKEN_FUTEX, listed, waiting)
}
