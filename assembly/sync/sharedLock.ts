// A lock that either one CPU has, to write, or several, to read. Who writes takes the word of a Lock and then waits until
// those that read are done; who comes to read and finds the word taken queues for it as a writer does, and becomes a
// reader in its place: so neither kind keeps the other out. Who reads says so in its own CPU's block, so that readers write
// to no memory that others use; who writes looks into the blocks of those CPUs that may read. Not recursive.
import { PANIC_DEAD_OWNER, PANIC_STUCK_LOCK } from '../abi/panic'
import { bug, panicked } from '../lib/bug'
import { Cpu } from './cpu'
import { wait } from './host'
import { LAST_SLEEP, Lock, PATIENCE, SPINS, waitFor, wake } from './lock'
import { haltAfter, noteLock, noteUnlock, Rank } from './lockdep'

@unmanaged
export class SharedLock extends Lock {
  /** The CPUs that may have it to read, a bit each: any other has it to write instead. A CPU is entered before its thread runs. Guard: atomic. */
  cpus: u32

  /** The CPUs that may have it to read. */
  @inline
  get cpusNow(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<SharedLock>('cpus'))
  }

  /** Takes the lock to write; `unlock` gives it back. */
  @inline
  lockAll(rank: Rank): void {
    this.lock(rank)
    if (Cpu.alone) return
    const others = this.cpusNow & ~Cpu.current.bit
    if (others !== 0) awaitReaders(this, others, rank)
  }

  /** Takes the lock to read. */
  @inline
  lockShared(rank: Rank): void {
    if (Cpu.alone || (this.cpusNow & Cpu.current.bit) === 0) {
      this.lockAll(rank)
      return
    }
    if (!ASC_NO_ASSERT) noteLock(rank)
    // set before the word is read, as who writes takes the word before it reads this
    atomic.store<u32>(readingAt(Cpu.current, rank), changetype<u32>(this))
    if (this.isHeld) shareLater(this, rank)
    if (!ASC_NO_ASSERT) haltAfter(rank)
  }

  /** Gives the lock back, which lockShared took. */
  @inline
  unlockShared(rank: Rank): void {
    if (Cpu.alone || load<u32>(readingAt(Cpu.current, rank)) !== changetype<u32>(this)) {
      this.unlock(rank)
      return
    }
    if (!ASC_NO_ASSERT) noteUnlock(rank)
    stopReading(this, rank)
    if (!ASC_NO_ASSERT) haltAfter(<u32>rank + 16)
  }

  /** Whether some CPU has the lock, to write or to read. */
  isTaken(rank: Rank): bool {
    if (this.isHeld) return true
    for (let rest = this.cpusNow; rest !== 0; rest &= rest - 1) if (reads(this, ctz(rest), rank)) return true
    return false
  }
}

/** The lock of an address space's tables: as a SharedLock, but that it is locked to write unless it is said otherwise. */
@unmanaged
@final
export class TablesLock {
  word: u32
  /** As in SharedLock. */
  cpus: u32

  @inline
  private get asShared(): SharedLock {
    return changetype<SharedLock>(changetype<usize>(this))
  }

  /** Takes the lock to write. */
  @inline
  lock(rank: Rank): void {
    this.asShared.lockAll(rank)
  }

  /** Gives it back. */
  @inline
  unlock(rank: Rank): void {
    this.asShared.unlock(rank)
  }

  /** Takes the lock to read, or to write if all of it is wanted. */
  @inline
  lockPart(rank: Rank, whole: bool): void {
    if (whole) this.asShared.lockAll(rank)
    else this.asShared.lockShared(rank)
  }

  /** Gives back what lockPart took. */
  @inline
  unlockPart(rank: Rank, whole: bool): void {
    if (whole) this.asShared.unlock(rank)
    else this.asShared.unlockShared(rank)
  }

  /** Whether some CPU has it. */
  isTaken(rank: Rank): bool {
    return this.asShared.isTaken(rank)
  }
}

/** Where a CPU says which lock of a rank, Space or Tables, it has to read. */
function readingAt(cpu: Cpu, rank: Rank): usize {
  return changetype<usize>(cpu) + (rank === Rank.Space ? offsetof<Cpu>('readsSpace') : offsetof<Cpu>('readsTables'))
}

/** Whether a CPU has the lock to read. */
function reads(lock: SharedLock, id: u32, rank: Rank): bool {
  return atomic.load<u32>(readingAt(Cpu.at(id), rank)) === changetype<u32>(lock)
}

/** Notes that this CPU reads no more, and tells who waits to write. */
function stopReading(lock: SharedLock, rank: Rank): void {
  const reading = readingAt(Cpu.current, rank)
  atomic.store<u32>(reading, 0)
  if (lock.isHeld) atomic.notify(reading, 1)
}

/** The slow way to read: somebody writes, or waits to. */
function shareLater(lock: SharedLock, rank: Rank): void {
  stopReading(lock, rank)
  const me = Cpu.current.id + 1
  waitFor(lock, me, rank)
  // nobody writes now, as we have the word
  atomic.store<u32>(readingAt(Cpu.current, rank), changetype<u32>(lock))
  const old = atomic.xchg<u32>(changetype<usize>(lock), 0)
  if (old !== me) wake(lock, old)
}

/** Returns once none of these CPUs reads. Holds: the word, so that nobody begins to. */
function awaitReaders(lock: SharedLock, cpus: u32, rank: Rank): void {
  for (let rest = cpus; rest !== 0; rest &= rest - 1) {
    const id = <u32>ctz(rest)
    if (reads(lock, id, rank)) awaitReader(lock, id, rank)
  }
}

/** Returns once a CPU does not read; panics if it is gone and reads still, or reads for too many sleeps. */
function awaitReader(lock: SharedLock, id: u32, rank: Rank): void {
  let sleeps: u32 = 0
  for (let spins: u32 = 0; reads(lock, id, rank); spins++) {
    if (spins < SPINS) continue
    const undisturbed = wait(readingAt(Cpu.at(id), rank), changetype<u32>(lock), PATIENCE)
    if (panicked()) unreachable()
    sleeps = undisturbed ? sleeps + 1 : 0
    if (!undisturbed) continue
    if (Cpu.at(id).isLost && reads(lock, id, rank)) bug(PANIC_DEAD_OWNER, rank, id)
    if (sleeps >= LAST_SLEEP && reads(lock, id, rank)) bug(PANIC_STUCK_LOCK, rank, id)
  }
}
