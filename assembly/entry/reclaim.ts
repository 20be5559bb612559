// Exports: how the machine reclaims memory.
import { Superblock } from '../phys/superblock'
import { beginReclaim } from '../reclaim/begin'
import { runKswapd } from '../reclaim/kswapd'
import { reserve } from '../sync/host'
import { takeKswapd } from './boot'

/** Has the machine, which is stopped, keep its pages in lists, and reclaim without some of the mechanisms, bits of abi/mechanism. */
export function policy_set(without: u32): void {
  Superblock.only.without = without
  beginReclaim()
}

/** Takes the CPU of kswapd's thread, which is to come; EAGAIN if that is there, or is to have none. */
export function kswapd_take(): i32 {
  return takeKswapd()
}

/** Is kswapd, until the thread is to end: it sleeps, in no call, until memory is short. */
export function kswapd_run(): void {
  reserve(false)
  runKswapd()
}
