// Processes that wait on words of memory: Linux's futexes. Each wait has a Waiter in the bucket of its word,
// first come, first served, so that a thread may have several. Takes: Futex.
import { FutexBucket, FutexKey } from './bucket'
import { answerLocked, DONE, Waiter } from './waiter'

/** Makes a waiter wait on the word with a key, for who wakes one of some bits. Holds: Futex of the key's bucket. */
export function enterWaiterLocked(bucket: FutexBucket, waiter: Waiter, key: FutexKey, bits: u32): void {
  waiter.key.copyFrom(key)
  waiter.count = bits
  moveWaiterLocked(bucket, waiter)
}

/** Puts a waiter that is in no bucket at the end of one. Holds: Futex of it, and of that in which it was. */
function moveWaiterLocked(bucket: FutexBucket, waiter: Waiter): void {
  atomic.store<u32>(changetype<usize>(waiter), changetype<u32>(bucket), offsetof<Waiter>('bucket'))
  waiter.insertBefore(bucket.waiters)
}

/** Wakes at most `count` waiters of the word with a key that wait for one of some bits, who came first before others; returns how many. Holds: Futex of its bucket. */
export function wakeWaitersLocked(bucket: FutexBucket, key: FutexKey, count: u32, bits: u32): u32 {
  let woken: u32 = 0
  let link = bucket.waiters.next
  while (link !== bucket.waiters && woken < count) {
    const waiter = changetype<Waiter>(link)
    link = link.next
    if ((waiter.count & bits) === 0 || !waiter.key.equals(key)) continue
    answerLocked(waiter, DONE)
    woken++
  }
  return woken
}

/**
 * Makes at most `count` waiters of the word with a key wait on another word, where they then are the last, or stay where they
 * are if that has the same bucket; returns how many. Holds: Futex of both.
 */
export function requeueWaitersLocked(from: FutexKey, to: FutexKey, count: u32): u32 {
  const bucket = FutexBucket.of(from)
  const target = FutexBucket.of(to)
  let moved: u32 = 0
  let link = bucket.waiters.next
  while (link !== bucket.waiters && moved < count) {
    const waiter = changetype<Waiter>(link)
    link = link.next
    if (!waiter.key.equals(from)) continue
    if (bucket !== target) {
      waiter.unlink()
      moveWaiterLocked(target, waiter)
    }
    waiter.key.copyFrom(to)
    moved++
  }
  return moved
}
