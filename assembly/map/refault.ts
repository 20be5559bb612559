// What is left in the place of an evicted page under linux-6.12-mglru, a *token*, and what is made of it when the page comes back:
// lru_gen_eviction and lru_gen_refault of Linux's mm/workingset.c. If the generation that it was evicted from is the oldest
// still, it is a refault of its tier, and the more there are of a tier, the better are its pages protected: reclaim/mglru/control.
//
//   ┌ 29 ─────── 9 ┬ 8 ── 7 ┬ 6 ──── 1 ┬ 0 ─────────┐
//   │ generation+1 │ uses-1 │ group    │ workingset │
//   └──────────────┴────────┴──────────┴────────────┘
import { TIERS } from '../abi/mechanism'
import { WORKINGSET_ACTIVATE_ANON, WORKINGSET_REFAULT_ANON, WORKINGSET_RESTORE_ANON } from '../abi/vmstat'
import { Frame, PG_REFS, PG_SWAPBACKED, PG_WORKINGSET } from '../phys/frame'
import { Tier } from '../phys/generations'
import { countIn, Group } from '../phys/group'
import { isInFault } from '../phys/lru'
import { MAX_REFS, tierOf, usesOf } from '../phys/lruGen'
import { Superblock } from '../phys/superblock'

const GROUP_SHIFT: u32 = 1
const GROUP_MASK: u32 = 63
const REFS_SHIFT: u32 = 7
const REFS_MASK: u32 = 3
const SEQ_SHIFT: u32 = 9
const SEQ_MASK: u32 = ((<u32>1) << (30 - SEQ_SHIFT)) - 1

function isFile(frame: Frame): u32 {
  return frame.has(PG_SWAPBACKED) ? 0 : 1
}

/** A generation as it stands in a token, where 0 would be no token. */
function sequence(seq: u32): u32 {
  return (seq + 1) & SEQ_MASK
}

/** The token of a page that is about to be evicted, never 0. */
export function tokenFor(frame: Frame): u32 {
  const group = Group.at(frame.group)
  const refs = usesOf(frame)
  const token = (sequence(group.generations.minSeq(isFile(frame))) << SEQ_SHIFT) | ((refs - (refs !== 0 ? 1 : 0)) << REFS_SHIFT)
  const rest = ((<u32>frame.group) << GROUP_SHIFT) | (refs !== 0 ? 1 : 0)
  // a generation of 0 is taken for the next
  return (token | rest) !== 0 ? token | rest : (<u32>1) << SEQ_SHIFT
}

/** Counts a page that was evicted in its tier. */
export function countEviction(frame: Frame): void {
  Group.at(frame.group).generations.countTier(Tier.Evicted, isFile(frame), tierOf(usesOf(frame)))
}

/** Looks at the token of a page that comes back, before it is put into a list; `advice` is as `addToLru` has it. */
export function noteRefault(frame: Frame, token: u32, advice: u32): void {
  if (((token >> GROUP_SHIFT) & GROUP_MASK) !== <u32>frame.group) return
  const file = isFile(frame)
  const group = Group.at(frame.group)
  const generations = group.generations
  countIn(group, WORKINGSET_REFAULT_ANON + file, 1)
  if (token >> SEQ_SHIFT !== sequence(generations.minSeq(file))) return
  const refs = ((token >> REFS_SHIFT) & REFS_MASK) + (token & 1)
  generations.countTier(Tier.Refaulted, file, tierOf(refs))
  countIn(group, WORKINGSET_ACTIVATE_ANON + file, 1)
  // it was pushed out by others that are used more, or would have been protected
  if (!isInFault(advice) && refs < MAX_REFS - 1) return
  if ((Superblock.only.without & TIERS) === 0) frame.setFlags(PG_REFS | PG_WORKINGSET)
  countIn(group, WORKINGSET_RESTORE_ANON + file, 1)
}
