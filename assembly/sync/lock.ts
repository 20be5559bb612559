// A lock that records its owner: it spins for a while, then sleeps in the host. Waits have a
// time-out, after which a waiter looks whether the machine panicked, and whether the owner is gone, which
// panics it: nobody waits for ever on a thread that is gone. Not recursive. While one thread has the machine for itself locks are left out:
// an atomic instruction takes some five nanoseconds, and a fault would have ten of them.
import { PANIC_DEAD_OWNER, PANIC_NOT_OWNER, PANIC_STUCK_LOCK } from '../abi/panic'
import { bug, panicked } from '../lib/bug'
import { Cpu } from './cpu'
import { wait } from './host'
import { haltAfter, noteLock, noteUnlock, Rank } from './lockdep'

/** Set in a lock's word while somebody may sleep on it. */
const SLEEPERS: u32 = 0x80000000
/** Rounds of spinning before sleeping: about two microseconds, longer than most sections, shorter than falling asleep and waking up. */
export const SPINS: u32 = 2000
/** The longest sleep before looking for a panic, in milliseconds. */
export const PATIENCE: f64 = 100
/**
 * After so many sleeps in a row from which nobody woke us, with the same owner all the time, it is taken for
 * gone though nobody said so: a minute. What is held longest, the tables of a machine's whole memory, is held for seconds. Sleeps
 * are counted, not seconds, as the whole program may have been suspended.
 */
export const LAST_SLEEP: u32 = 600

/** One word: 0 if free, else the owner's CPU number plus one, and SLEEPERS. */
@unmanaged
export class Lock {
  word: u32

  /** Takes the lock. */
  @inline
  lock(rank: Rank): void {
    if (!ASC_NO_ASSERT) noteLock(rank)
    if (Cpu.alone) return
    const me = Cpu.current.id + 1
    if (atomic.cmpxchg<u32>(changetype<usize>(this), 0, me) !== 0) waitFor(this, me, rank)
    if (!ASC_NO_ASSERT) haltAfter(rank)
  }

  /** Releases the lock, which this CPU must hold. */
  @inline
  unlock(rank: Rank): void {
    if (!ASC_NO_ASSERT) noteUnlock(rank)
    if (Cpu.alone) return
    const old = atomic.xchg<u32>(changetype<usize>(this), 0)
    if (old !== Cpu.current.id + 1) wake(this, old)
    if (!ASC_NO_ASSERT) haltAfter(<u32>rank + 16)
  }

  /** Whether some CPU holds the lock. */
  @inline
  get isHeld(): bool {
    return atomic.load<u32>(changetype<usize>(this)) !== 0
  }
}

/** The slow way into a lock. A sleeper takes it with SLEEPERS set, since others may sleep too. */
export function waitFor(lock: Lock, me: u32, rank: Rank): void {
  const word = changetype<usize>(lock)
  let owner: u32 = 0
  let sleeps: u32 = 0
  for (let i: u32 = 0; i < SPINS; i++) {
    if (atomic.load<u32>(word) === 0 && atomic.cmpxchg<u32>(word, 0, me) === 0) return
  }
  while (true) {
    const old = atomic.load<u32>(word)
    if (old === 0) {
      if (atomic.cmpxchg<u32>(word, 0, me | SLEEPERS) === 0) return
    } else if ((old & SLEEPERS) !== 0 || atomic.cmpxchg<u32>(word, old, old | SLEEPERS) === old) {
      const undisturbed = wait(word, old | SLEEPERS, PATIENCE)
      if (panicked()) unreachable()
      sleeps = undisturbed && owner === (old & ~SLEEPERS) ? sleeps + 1 : 0
      owner = old & ~SLEEPERS
      if (undisturbed) suspect(lock, owner, rank, sleeps)
    }
  }
}

/** Panics if the CPU that had a lock, its number plus one, is gone and has it still, or had it for too many sleeps. */
function suspect(lock: Lock, owner: u32, rank: Rank, sleeps: u32): void {
  const lost = Cpu.at(owner - 1).isLost
  // read after that: a thread that is gone gives nothing back any more
  if ((atomic.load<u32>(changetype<usize>(lock)) & ~SLEEPERS) !== owner) return
  if (lost) bug(PANIC_DEAD_OWNER, rank, owner - 1)
  if (sleeps >= LAST_SLEEP) bug(PANIC_STUCK_LOCK, rank, owner - 1)
}

/** The slow way out: somebody sleeps, or the lock was not ours. */
export function wake(lock: Lock, old: u32): void {
  if ((old & ~SLEEPERS) !== Cpu.current.id + 1) bug(PANIC_NOT_OWNER, changetype<u32>(lock), old)
  atomic.notify(changetype<usize>(lock), 1)
}
