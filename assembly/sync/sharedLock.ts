// A lock that either one CPU has, to write, or several, to read. Who writes takes the word of a Lock and then waits until
// those that read are done; who comes to read and finds the word taken queues for it as a writer does, and becomes a
// reader in its place: so neither kind keeps the other out. Readers are known by their CPUs' bits, so that
// one that is gone is noticed. Not recursive.
import { PANIC_DEAD_OWNER, PANIC_STUCK_LOCK } from '../abi/panic'
import { bug, panicked } from '../lib/bug'
import { Cpu } from './cpu'
import { wait } from './host'
import { LAST_SLEEP, Lock, PATIENCE, SPINS, waitFor, wake } from './lock'
import { haltAfter, noteLock, noteUnlock, Rank } from './lockdep'

@unmanaged
export class SharedLock extends Lock {
  /** The CPUs that have it to read, a bit each. Guard: atomic. */
  readers: u32

  /** Takes the lock to write; `unlock` gives it back. */
  @inline
  lockAll(rank: Rank): void {
    this.lock(rank)
    if (Cpu.alone) return
    if (this.readersNow !== 0) awaitReaders(this, rank)
  }

  /** Takes the lock to read. */
  @inline
  lockShared(rank: Rank): void {
    if (!ASC_NO_ASSERT) noteLock(rank)
    if (Cpu.alone) return
    // set before the word is read, as who writes takes the word before it reads this
    atomic.or<u32>(changetype<usize>(this), Cpu.current.bit, offsetof<SharedLock>('readers'))
    if (this.isHeld) shareLater(this, rank)
    if (!ASC_NO_ASSERT) haltAfter(rank)
  }

  /** Gives the lock back, which this CPU must have to read. */
  @inline
  unlockShared(rank: Rank): void {
    if (!ASC_NO_ASSERT) noteUnlock(rank)
    if (Cpu.alone) return
    stopReading(this)
    if (!ASC_NO_ASSERT) haltAfter(<u32>rank + 16)
  }

  @inline
  get readersNow(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<SharedLock>('readers'))
  }
}

/** Takes this CPU from the readers, and tells who waits to write if it was the last. */
function stopReading(lock: SharedLock): void {
  const bit = Cpu.current.bit
  const readers = changetype<usize>(lock) + offsetof<SharedLock>('readers')
  if (atomic.and<u32>(readers, ~bit) === bit && lock.isHeld) atomic.notify(readers, 1)
}

/** The slow way to read: somebody writes, or waits to. */
function shareLater(lock: SharedLock, rank: Rank): void {
  stopReading(lock)
  const me = Cpu.current.id + 1
  waitFor(lock, me, rank)
  // nobody writes now, as we have the word
  atomic.or<u32>(changetype<usize>(lock), Cpu.current.bit, offsetof<SharedLock>('readers'))
  const old = atomic.xchg<u32>(changetype<usize>(lock), 0)
  if (old !== me) wake(lock, old)
}

/** Returns once nobody reads. Holds: the word, so that nobody begins to. */
function awaitReaders(lock: SharedLock, rank: Rank): void {
  const at = changetype<usize>(lock) + offsetof<SharedLock>('readers')
  let sleeps: u32 = 0
  for (let spins: u32 = 0; ; spins++) {
    const readers = lock.readersNow
    if (readers === 0) return
    if (spins < SPINS) continue
    const undisturbed = wait(at, readers, PATIENCE)
    if (panicked()) unreachable()
    sleeps = undisturbed ? sleeps + 1 : 0
    if (undisturbed) suspectReaders(lock, readers, rank, sleeps)
  }
}

/** Panics if one of the CPUs that read is gone and reads still, or they all read for too many sleeps. */
function suspectReaders(lock: SharedLock, readers: u32, rank: Rank, sleeps: u32): void {
  for (let rest = readers; rest !== 0; rest &= rest - 1) {
    const id = <u32>ctz(rest)
    if (Cpu.at(id).isLost && (lock.readersNow & Cpu.at(id).bit) !== 0) bug(PANIC_DEAD_OWNER, rank, id)
  }
  if (sleeps >= LAST_SLEEP && lock.readersNow === readers) bug(PANIC_STUCK_LOCK, rank, ctz(readers))
}
