// Resource limits of a process, inherited by its children. They stand with its memory, which is what most of them limit.
import { NOFILE } from '../abi/limits'
import {
  RLIMIT_CORE,
  RLIMIT_MEMLOCK,
  RLIMIT_MSGQUEUE,
  RLIMIT_NICE,
  RLIMIT_NOFILE,
  RLIMIT_NPROC,
  RLIMIT_RTPRIO,
  RLIMIT_SIGPENDING,
  RLIMIT_STACK,
} from '../abi/resource'
import { Superblock } from '../phys/superblock'

/** How many limits there are. */
export const RLIMITS: u32 = 16
/** No limit. */
export const UNLIMITED: u64 = 0xffffffffffffffff

/** One limit. Guard: atomic, and Space of the process's memory to write. */
@unmanaged
@final
export class Rlimit {
  /** What applies. */
  soft: u64
  /** How far a process without privilege may raise it. */
  hard: u64

  /** What applies now. */
  @inline
  get softNow(): u64 {
    return atomic.load<u64>(changetype<usize>(this), offsetof<Rlimit>('soft'))
  }

  /** How far it may be raised now. */
  @inline
  get hardNow(): u64 {
    return atomic.load<u64>(changetype<usize>(this), offsetof<Rlimit>('hard'))
  }

  set(soft: u64, hard: u64): void {
    atomic.store<u64>(changetype<usize>(this), soft, offsetof<Rlimit>('soft'))
    atomic.store<u64>(changetype<usize>(this), hard, offsetof<Rlimit>('hard'))
  }
}

/** Bytes of a process's limits. */
export const RLIMITS_SIZE: u32 = RLIMITS * offsetof<Rlimit>()

/** The limit at an index of those that stand at an address. */
export function limitAt(limits: usize, resource: u32): Rlimit {
  return changetype<Rlimit>(limits + <usize>resource * offsetof<Rlimit>())
}

function setLimit(limits: usize, resource: u32, soft: u64, hard: u64): void {
  limitAt(limits, resource).set(soft, hard)
}

/** Gives a new process the limits of its parent. */
export function copyLimits(to: usize, from: usize): void {
  for (let resource: u32 = 0; resource < RLIMITS; resource++) {
    const limit = limitAt(from, resource)
    limitAt(to, resource).set(limit.softNow, limit.hardNow)
  }
}

/** Gives every limit Linux's default: INIT_RLIMITS, and what fork_init makes of the memory's size. */
export function initLimits(limits: usize): void {
  for (let resource: u32 = 0; resource < RLIMITS; resource++) setLimit(limits, resource, UNLIMITED, UNLIMITED)
  const processes: u64 = Superblock.only.usable / 64
  setLimit(limits, RLIMIT_STACK, 8 << 20, UNLIMITED)
  setLimit(limits, RLIMIT_CORE, 0, UNLIMITED)
  setLimit(limits, RLIMIT_NPROC, processes, processes)
  setLimit(limits, RLIMIT_NOFILE, NOFILE, 4096)
  setLimit(limits, RLIMIT_MEMLOCK, 8 << 20, 8 << 20)
  setLimit(limits, RLIMIT_SIGPENDING, processes, processes)
  setLimit(limits, RLIMIT_MSGQUEUE, 819200, 819200)
  setLimit(limits, RLIMIT_NICE, 0, 0)
  setLimit(limits, RLIMIT_RTPRIO, 0, 0)
}
