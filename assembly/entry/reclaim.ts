// Exports: how the machine reclaims memory.
import { KSWAPD } from '../abi/mechanism'
import { Superblock } from '../phys/superblock'
import { Kswapd } from '../phys/zone'
import { beginReclaim } from '../reclaim/begin'

/** Has the machine, which is stopped, keep its pages in lists, and reclaim without some of the mechanisms, bits of abi/mechanism. */
export function policy_set(without: u32): void {
  const superblock = Superblock.only
  superblock.without = without
  if ((without & KSWAPD) !== 0) superblock.kswapd = Kswapd.Off
  beginReclaim()
}
