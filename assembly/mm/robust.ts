// Locks that a process holds as it ends: kernel/futex/core.c, exit_robust_list. Their words say so from then on, and one
// that waits for each is woken. The list is in the process's memory, which may say anything: what cannot be read ends the walk.
//
//     head:  ┌ first ┬ offset ┬ pending ┐        a word:  ┌ WAITERS ┬ OWNER_DIED ┬ tid of who holds it, 0 if nobody ┐
//            └───┼───┴────────┴─────────┘                 └    31   ┴     30     ┴ 29 ··························· 0 ┘
//                ▼ entry: next ──▶ next ──▶ … ──▶ head; the word of an entry is `offset` bytes behind it
//
// The thread may be gone, and another do this for it: so memory is reached by the page tables and not by a TLB,
// which only the process's own thread may use. Takes: Space, by faults; Tables, Futex.
import { FUTEX_BITSET_MATCH_ANY, FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, ROBUST_LIST_LIMIT } from '../abi/futex'
import { PAGE_SIZE } from '../abi/layout'
import { TASK_PAGES } from '../abi/limits'
import { FutexBucket, FutexKey } from '../ipc/bucket'
import { wakeWaitersLocked } from '../ipc/futex'
import { lookUp } from '../map/pagetable'
import { permits, pfnOf } from '../map/pte'
import { flushAll } from '../map/tlb'
import { readablePage, writablePage } from '../phys/contents'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { fault } from './fault'
import { findKey } from './futex'
import { Mm } from './space'

const OFFSET: u64 = PAGE_SIZE - 1
/** What cannot be read. */
const BAD: u64 = 0xffffffffffffffff
/** In an entry's address: its lock inherits priorities, and is not woken. */
const PI: u64 = 1

/** The byte at an address; -1 if it cannot be read. Takes: Space, Tables. */
function byteAt(mm: Mm, address: u64): i32 {
  const vpn = address >> 12
  if (vpn >= TASK_PAGES) return -1
  while (true) {
    mm.tablesLock.lock(Rank.Tables)
    const pte = lookUp(mm.tables, vpn)
    const value: i32 = permits(pte, false) ? load<u8>(readablePage(pfnOf(pte)) + <usize>(address & OFFSET)) : -1
    mm.tablesLock.unlock(Rank.Tables)
    if (value >= 0) return value
    if (fault(mm, vpn, false) !== 0) return -1
  }
}

/** The number of so many bytes at an address, which may not be aligned; BAD if it cannot be read. */
function numberAt(mm: Mm, address: u64, bytes: u32): u64 {
  let value: u64 = 0
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = byteAt(mm, address + i)
    if (byte < 0) return BAD
    value |= (<u64>byte) << (<u64>(8 * i))
  }
  return value
}

/** Replaces the word at an address if it is `expected`; says what it was, BAD if it cannot be written. Takes: Space, Tables. */
function exchangeAt(mm: Mm, address: u64, expected: u32, value: u32): u64 {
  while (true) {
    // also makes the entry dirty
    if (fault(mm, address >> 12, true) !== 0) return BAD
    mm.tablesLock.lock(Rank.Tables)
    const pte = lookUp(mm.tables, address >> 12)
    const may = permits(pte, true)
    let old: u32 = 0
    if (may) old = atomic.cmpxchg<u32>(writablePage(pfnOf(pte)) + <usize>(address & OFFSET), expected, value)
    mm.tablesLock.unlock(Rank.Tables)
    if (may) return old
  }
}

/** Wakes one that waits on a word. Takes: Space, Tables, Futex. */
function wakeOne(mm: Mm, address: u64): void {
  const key = FutexKey.of(Cpu.current)
  if (findKey(mm, address, key) !== 0) return
  const bucket = FutexBucket.of(key)
  bucket.lock(Rank.Futex)
  wakeWaitersLocked(bucket, key, 1, FUTEX_BITSET_MATCH_ANY)
  bucket.unlock(Rank.Futex)
}

/** Marks a lock that a thread holds as one whose owner died; false if it cannot be reached. */
function handleDeath(mm: Mm, address: u64, tid: u32, isPi: bool, isPending: bool): bool {
  if ((address & 3) !== 0) return false
  while (true) {
    const word = numberAt(mm, address, 4)
    if (word === BAD) return false
    const old = <u32>word
    // it was unlocked, but nobody was woken yet
    if (isPending && !isPi && (old & FUTEX_TID_MASK) === 0) {
      wakeOne(mm, address)
      return true
    }
    if ((old & FUTEX_TID_MASK) !== tid) return true
    const found = exchangeAt(mm, address, old, (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED)
    if (found === BAD) return false
    if (found !== word) continue
    if (!isPi && (old & FUTEX_WAITERS) !== 0) wakeOne(mm, address)
    return true
  }
}

/** Walks the list whose head is at an address, of a thread that ends. Takes: Space, Tables, Futex. */
export function exitRobustList(mm: Mm, head: u64, tid: u32): void {
  walkRobustList(mm, head, tid)
  // faults filled this CPU's TLB, which nobody clears for an address space of another
  flushAll()
}

function walkRobustList(mm: Mm, head: u64, tid: u32): void {
  let link = numberAt(mm, head, 8)
  const offset = link === BAD ? BAD : numberAt(mm, head + 8, 8)
  const pendingLink = offset === BAD ? BAD : numberAt(mm, head + 16, 8)
  if (pendingLink === BAD) return
  const pending = pendingLink & ~PI
  for (let left = ROBUST_LIST_LIMIT; (link & ~PI) !== head && left > 0; left--) {
    const entry = link & ~PI
    const next = numberAt(mm, entry, 8)
    // one that is being locked or unlocked comes last
    if (entry !== pending && !handleDeath(mm, entry + offset, tid, (link & PI) !== 0, false)) return
    if (next === BAD) return
    link = next
  }
  if (pending !== 0) handleDeath(mm, pending + offset, tid, (pendingLink & PI) !== 0, true)
}
