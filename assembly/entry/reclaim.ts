// Exports: how the machine reclaims memory.
import { Superblock } from '../phys/superblock'
import { beginReclaim } from '../reclaim/begin'

/** Has the machine, which is stopped, keep its pages in lists, and reclaim without some of the mechanisms, bits of abi/mechanism. */
export function policy_set(without: u32): void {
  Superblock.only.without = without
  beginReclaim()
}
