// Which kind of pages is evicted, anonymous or of files, and which tiers of it: those of which no more come back than of the
// first. A feedback loop, P and I of a PID controller: of a tier, the share that came back of those evicted or kept while the oldest
// generation is evicted, with a decaying average of generations before. Linux's mm/vmscan.c. Holds, in every function: Lru.
import { MAX_NR_TIERS } from '../../abi/generation'
import { PID } from '../../abi/mechanism'
import { Generations, Tier } from '../../phys/generations'
import { Superblock } from '../../phys/superblock'
import { MAX_SWAPPINESS, MIN_LRU_BATCH } from '../scanControl'

/** How many pages of a tier came back lately: read_ctrl_pos. */
function refaultedOf(generations: Generations, file: u32, tier: u32): u64 {
  return <u64>generations.tier(Tier.AvgRefaulted, file, tier) + <u64>generations.tier(Tier.Refaulted, file, tier)
}

/** How many pages of a tier were evicted or kept lately. */
function totalOf(generations: Generations, file: u32, tier: u32): u64 {
  const evicted = <u64>generations.tier(Tier.AvgTotal, file, tier) + <u64>generations.tier(Tier.Evicted, file, tier)
  return evicted + <u64>generations.tier(Tier.Protected, file, tier)
}

/**
 * Whether of a tier `pv` no more pages come back than of the first tier of kind `sp`, or too few at all to say: positive_ctrl_err. Gains
 * are what a refault of either is worth.
 */
function goesFirst(generations: Generations, sp: u32, spGain: u64, pv: u32, tier: u32, pvGain: u64): bool {
  if ((Superblock.only.without & PID) !== 0) return true
  const refaulted = refaultedOf(generations, pv, tier)
  if (refaulted < MIN_LRU_BATCH) return true
  const total = totalOf(generations, sp, 0) + MIN_LRU_BATCH
  return refaulted * total * spGain <= (refaultedOf(generations, sp, 0) + 1) * totalOf(generations, pv, tier) * pvGain
}

/** The last tier of a kind that is evicted, compared with its own first: get_tier_idx. */
export function lastTier(generations: Generations, file: u32): u32 {
  let tier: u32 = 1
  while (tier < MAX_NR_TIERS && goesFirst(generations, file, 1, file, tier, 2)) tier++
  return tier - 1
}

/** The kind of which fewer pages come back, 1 for those of files: get_type_to_scan. */
export function kindToScan(generations: Generations, swappiness: u32): u32 {
  return goesFirst(generations, 0, swappiness, 1, 0, MAX_SWAPPINESS - swappiness) ? 1 : 0
}

/** The last tier of a kind that is evicted, compared with the first of the other. */
export function lastTierBeside(generations: Generations, file: u32, swappiness: u32): u32 {
  const gain: u64 = file !== 0 ? MAX_SWAPPINESS - swappiness : swappiness
  let tier: u32 = 1
  while (tier < MAX_NR_TIERS && goesFirst(generations, 1 - file, MAX_SWAPPINESS - gain, file, tier, gain)) tier++
  return tier - 1
}

/** Begins to count anew, as a kind's oldest generation becomes another: reset_ctrl_pos. */
export function resetControl(generations: Generations, file: u32): void {
  for (let tier: u32 = 0; tier < MAX_NR_TIERS; tier++) {
    generations.setTier(Tier.AvgRefaulted, file, tier, <u32>(refaultedOf(generations, file, tier) / 2))
    generations.setTier(Tier.AvgTotal, file, tier, <u32>(totalOf(generations, file, tier) / 2))
    generations.setTier(Tier.Refaulted, file, tier, 0)
    generations.setTier(Tier.Evicted, file, tier, 0)
    generations.setTier(Tier.Protected, file, tier, 0)
  }
}
