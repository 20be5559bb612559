// What memory is promised: pages that processes may come to use without another word, private ones that may be written
// and those of objects. Linux's vm_committed_as and __vm_enough_memory (mm/util.c, vm.overcommit_memory).
import { COMMITMENT, PAGE_SHIFT, SYSCTL } from '../abi/layout'
import { addTo, takeFrom } from '../sync/counter'
import { Superblock } from './superblock'
import { Sysctl } from './sysctl'

/** vm.overcommit_memory: whatever asks gets. */
const ALWAYS: u32 = 1
/** vm.overcommit_memory: never more than the limit. */
export const NEVER: u32 = 2
const KILOBYTES: u32 = PAGE_SHIFT - 10

/** The count of promised pages, and of pages of swap areas. Guard: atomic. */
@unmanaged
@final
export class Commitment {
  pages: u64
  swap: u64

  /** Pages of all swap areas. */
  @inline
  static get swapPages(): u64 {
    return atomic.load<u64>(COMMITMENT, offsetof<Commitment>('swap'))
  }

  /** Promised pages, on all CPUs. */
  @inline
  static get pages(): u64 {
    return atomic.load<u64>(COMMITMENT)
  }
}

/** Counts pages of swap areas that come, or go if the number is below 0. */
export function addSwapPages(pages: i64): void {
  atomic.add<u64>(COMMITMENT, <u64>pages, offsetof<Commitment>('swap'))
}

/** The most pages that may be promised in mode 2: vm.overcommit_kbytes, or a share of memory; and all of swap. */
export function commitLimit(): i64 {
  const sysctl = Sysctl.only
  const swap = <i64>Commitment.swapPages
  if (sysctl.overcommitKbytes !== 0) return <i64>(sysctl.overcommitKbytes >> KILOBYTES) + swap
  return (<i64>Superblock.only.usable * sysctl.overcommitRatio) / 100 + swap
}

/** Promises pages whatever the mode. */
export function commit(pages: u64): void {
  addTo<u64>(COMMITMENT, pages)
}

/** Takes a promise back. */
export function uncommit(pages: u64): void {
  takeFrom<u64>(COMMITMENT, pages)
}

/**
 * Promises pages to a process that has `total` of them in its mappings; false, and nothing is promised, if the mode
 * forbids it: in mode 2 it is refused once what is promised reaches the limit, less a part for root and one to recover in.
 */
export function tryCommit(pages: u64, total: u64, root: bool): bool {
  commit(pages)
  const sysctl = Sysctl.only
  const mode = sysctl.overcommitMemory
  if (mode === ALWAYS) return true
  if (mode !== NEVER) {
    if (pages <= <u64>Superblock.only.usable + Commitment.swapPages) return true
  } else {
    let allowed = commitLimit()
    if (!root) allowed -= <i64>(sysctl.adminReserveKbytes >> KILOBYTES)
    allowed -= <i64>min<u64>(total / 32, sysctl.userReserveKbytes >> KILOBYTES)
    if (<i64>Commitment.pages < allowed) return true
  }
  uncommit(pages)
  return false
}

if (SYSCTL + offsetof<Sysctl>() > COMMITMENT) ERROR('the settings reach into the count of promises')
