// Who waits at an IPC object, or on a word of memory: a thread that sleeps in its host, or a promise there. A waiter
// is an object of its own, so that one thread may have several. Who lets it go on does for it what it waits for, takes
// it out of the list it is in, answers, and forgets it; its own thread frees it. Takes: Ipc, Futex, Slab.
import { EINTR } from '../abi/errno'
import { Link } from '../lib/list'
import { File, putFile } from '../map/file'
import { freeMessage, Message } from '../map/message'
import { freeBytes } from '../phys/bytes'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Lock } from '../sync/lock'
import { Rank } from '../sync/lockdep'
import { FutexBucket, FutexKey } from './bucket'
import { Cred } from './perm'

/** In a waiter's status: what it waited for was done. */
export const DONE: i32 = 1

/** A waiter, in the list of what it waits at; behind it stands the key of the word it waits on. Guard, where a field says no other: the lock of `ids`, or of its bucket. */
@unmanaged
@final
export class Waiter extends Link {
  /** 0 while it waits, DONE or -errno; its thread sleeps on this word. Guard: written under the lock; atomic. */
  status: i32
  /** Whose lock guards it, ids or a POSIX queue; null if that is the lock of a bucket. Guard: immutable. */
  ids: Lock | null
  /** Address of the FutexBucket it is in, or was; 0 if it waits on no word. Guard: written under the locks of both buckets; atomic. */
  bucket: u32
  /** The process that waits; its rights may be asked for. Guard: immutable. */
  cred: Cred
  /** At semaphores, from here on: the operations. Guard: immutable. */
  payload: usize
  payloadBytes: u32
  /** How many operations, or for which bits it waits on a word; which operation could not be done. */
  count: u32
  blocking: u32
  /** Address of the SemUndo that takes note of them, 0 if none does. */
  undo: usize
  /** At a queue, from here on: what is to be sent, or was received. */
  message: Message | null
  /** Whether it receives, which message, of how many bytes at most, and whether a longer one is cut. Guard: immutable. */
  receives: bool
  cuts: bool
  search: u32
  room: u32
  type: i64
  /** The open POSIX queue that it waits at, held meanwhile. Guard: immutable. */
  file: File | null
  /** Neighbours among the thread's waiters. Guard: the thread. */
  ownPrev: Link
  ownNext: Link

  @inline
  get own(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Waiter>('ownPrev'))
  }

  /** What its word is known by. */
  @inline
  get key(): FutexKey {
    return changetype<FutexKey>(changetype<usize>(this) + offsetof<Waiter>())
  }

  @inline
  static get size(): u32 {
    return offsetof<Waiter>() + offsetof<FutexKey>()
  }

  @inline
  static ofOwn(link: Link): Waiter {
    return changetype<Waiter>(changetype<usize>(link) - offsetof<Waiter>('ownPrev'))
  }

  @inline
  get pid(): u32 {
    return this.cred.pid
  }

  /** What it was answered; 0 while it waits. */
  @inline
  get answered(): i32 {
    return atomic.load<i32>(changetype<usize>(this), offsetof<Waiter>('status'))
  }
}

/** A waiter of a process, in its list `own` and in no other, with the `ids` it waits at, if any; null if there is no memory. */
export function newWaiter(ids: Lock | null, cred: Cred, own: Link): Waiter | null {
  const waiter = changetype<Waiter>(allocObject(Kind.Waiter))
  if (!waiter) return null
  if (ids) waiter.ids = ids
  waiter.cred = cred
  waiter.own.insertBefore(own)
  return waiter
}

/** Frees a waiter that waits no more; called by its own thread. Takes: Mapping, Mount, Slab. */
export function freeWaiter(waiter: Waiter): void {
  waiter.own.unlink()
  if (waiter.payload !== 0) freeBytes(waiter.payload, waiter.payloadBytes)
  const message = waiter.message
  if (message) freeMessage(message)
  const file = waiter.file
  if (file) putFile(file)
  freeObject(Kind.Waiter, changetype<usize>(waiter))
}

/** Ends a wait with DONE or -errno and lets its thread go on, which may free the waiter at once. Holds: Ipc, or Futex of its bucket. */
export function answerLocked(waiter: Waiter, status: i32): void {
  waiter.unlink()
  atomic.store<i32>(changetype<usize>(waiter), status, offsetof<Waiter>('status'))
  atomic.notify(changetype<usize>(waiter) + offsetof<Waiter>('status'), -1)
}

/** Ends a wait on a word as giveUp does. Takes: Futex. */
function giveUpWord(waiter: Waiter, error: i32): i32 {
  const at = changetype<usize>(waiter) + offsetof<Waiter>('bucket')
  while (waiter.answered === 0) {
    const bucket = changetype<FutexBucket>(atomic.load<u32>(at))
    bucket.lock(Rank.Futex)
    // it may have been moved to another bucket before this one was locked
    if (atomic.load<u32>(at) === changetype<u32>(bucket) && waiter.answered === 0) answerLocked(waiter, error)
    bucket.unlock(Rank.Futex)
  }
  return waiter.answered
}

/** Ends a wait with -errno if it goes on still; returns what it was answered. Called by its own thread. Takes: Ipc or Futex. */
export function giveUp(waiter: Waiter, error: i32): i32 {
  // the namespace of one that was answered may be gone
  if (waiter.answered !== 0) return waiter.answered
  const ids = waiter.ids
  if (!ids) return giveUpWord(waiter, error)
  ids.lock(Rank.Ipc)
  if (waiter.answered === 0) answerLocked(waiter, error)
  ids.unlock(Rank.Ipc)
  return waiter.answered
}

/** Ends all waits of a thread at IPC objects that are found by their ids, as it leaves its namespace; called by it, or for one that is gone. Takes: Ipc. */
export function interruptWaiters(own: Link): void {
  for (let link = own.next; link !== own; link = link.next) {
    const waiter = Waiter.ofOwn(link)
    if (waiter.ids && !waiter.file) giveUp(waiter, -EINTR)
  }
}

/** Ends all waits of a thread that ends, and frees its waiters; called as interruptWaiters. Takes: Ipc, Futex, Slab. */
export function dropWaiters(own: Link): void {
  while (!own.isEmpty) {
    const waiter = Waiter.ofOwn(own.next)
    giveUp(waiter, -EINTR)
    freeWaiter(waiter)
  }
}
