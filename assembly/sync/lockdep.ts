// The lock order: a lock may be taken only while none of its own or a later rank is held. The
// debug build checks it at every lock, and lets tests stop a thread there; the release build contains none of it.
import { PANIC_LOCK_ORDER, PANIC_NOT_OWNER } from '../abi/panic'
import { bug, panicked } from '../lib/bug'
import { Cpu } from './cpu'
import { wait } from './host'

/** Ranks, outermost first. In brackets: the call that nests it under the one before. */
export enum Rank {
  /** Tasks: the process table, family links, states. */
  Tasks = 0,
  /** Mm: the VMAs of one address space. [none: fork lets go of one first] */
  Space = 1,
  /** FutexBucket: its waiters. [none: faults are over before] */
  Futex = 2,
  /** Another FutexBucket, behind the first in memory. [requeue moves waiters] */
  SecondFutex = 3,
  /** ShmNamespace: its ids and keys, its limits, and every field of its segments. [munmap counts a detach] */
  Ipc = 4,
  /** Names: every name in every directory. [/proc/PID/maps shows paths] */
  Names = 5,
  /** Mapping: its radix tree and its list of VMAs. [the last detach frees the pages] */
  Mapping = 6,
  /** Family: its VMAs, and their borders. [mremap moves a private file mapping's pages] */
  Family = 7,
  /** Mm: its page tables and what it counts of them. [truncation unmaps a page wherever it is mapped] */
  Tables = 8,
  /** The page tables of a child that fork makes. [fork copies the parent's] */
  ChildTables = 9,
  /** SwapArea: its slots, which frames they have. [unmapping lets go of swap entries] */
  Swap = 10,
  /** Descriptors: those of one process. [none: files are let go of after] */
  Files = 11,
  /** Mount: its list of inodes and its counts. [the last reference frees an inode] */
  Mount = 12,
  /** Group: the lists of its pages. [a page that is freed leaves its list] */
  Lru = 13,
  /** Cache: the slabs of one kind of object. [the radix tree takes a node] */
  Slab = 14,
  /** Zone: the buddy lists. [a slab takes a frame] */
  Zone = 15,
}

/** Notes that a lock of this rank is about to be taken; panics if that is out of order. */
export function noteLock(rank: Rank): void {
  const cpu = Cpu.current
  if (cpu.held >> <u32>rank !== 0) bug(PANIC_LOCK_ORDER, cpu.held, rank)
  cpu.held |= (<u32>1) << (<u32>rank)
}

/** Notes that a lock of this rank was released. */
export function noteUnlock(rank: Rank): void {
  const cpu = Cpu.current
  if (((cpu.held >> <u32>rank) & 1) === 0) bug(PANIC_NOT_OWNER, cpu.held, rank)
  cpu.held &= ~((<u32>1) << (<u32>rank))
}

/** Stands still for good where `Cpu.haltAt` has this bit, so that a test may end the thread just there. */
export function haltAfter(bit: u32): void {
  const cpu = changetype<usize>(Cpu.current)
  while (true) {
    const bits = atomic.load<u32>(cpu, offsetof<Cpu>('haltAt'))
    if (((bits >> bit) & 1) === 0) return
    atomic.store<u32>(cpu, 1, offsetof<Cpu>('halted'))
    wait(cpu + offsetof<Cpu>('haltAt'), bits, 100)
    if (panicked()) unreachable()
  }
}
