// Exports: how the machine reclaims memory.
import { ENOMEM } from '../abi/errno'
import { Generations } from '../phys/generations'
import { Group } from '../phys/group'
import { newGenerations } from '../phys/newGenerations'
import { Superblock } from '../phys/superblock'
import { beginReclaim } from '../reclaim/begin'
import { runKswapd } from '../reclaim/kswapd'
import { reserve } from '../sync/host'
import { takeKswapd } from './boot'

/**
 * Has the machine, which was just built, keep its pages in lists, or in generations, and reclaim without some of the mechanisms, bits of
 * abi/mechanism: 0, ENOMEM.
 */
export function policy_set(without: u32, generations: bool): i32 {
  Superblock.only.without = without
  if (generations) Group.root.generations = changetype<Generations>(newGenerations())
  if (generations && !Group.root.hasGenerations) return -ENOMEM
  beginReclaim()
  return 0
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
