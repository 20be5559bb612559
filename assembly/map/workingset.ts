// Refault distance: how many pages were evicted or activated between a page's eviction and its return says how large
// memory would have had to be to keep it. If the active pages would make room for it, it is as good as they are, and
// is active at once. Linux's mm/workingset.c. What is needed for that, a *shadow*, stands in the page's place meanwhile:
//
//   ┌ 29 ─────── 7 ┬ 6 ──── 1 ┬ 0 ─────────┐
//   │ age          │ group    │ workingset │
//   └──────────────┴──────────┴────────────┘
import { REFAULT_DISTANCE, WORKINGSET_RESTORE } from '../abi/mechanism'
import { WORKINGSET_ACTIVATE_ANON, WORKINGSET_REFAULT_ANON, WORKINGSET_RESTORE_ANON } from '../abi/vmstat'
import { Frame, PG_ACTIVE, PG_SWAPBACKED, PG_WORKINGSET } from '../phys/frame'
import { ageGroup, countIn, Group, Lru, pagesOf } from '../phys/group'
import { addToLru } from '../phys/lru'
import { noteCost } from '../phys/lruCost'
import { arrive, shadowOf } from '../phys/residents'
import { Superblock } from '../phys/superblock'
import { Cpu } from '../sync/cpu'
import { countEviction, noteRefault, tokenFor } from './refault'
import { freeSlotsFor } from './swap'

const WORKINGSET_BITS: u32 = 1
const GROUP_BITS: u32 = 6
const AGE_BITS: u32 = 30 - WORKINGSET_BITS - GROUP_BITS
const AGE_MASK: u32 = ((<u32>1) << AGE_BITS) - 1

/** How many bits of an age are left out, so that what is left counts all pages there are: bucket_order. */
function bucketOrder(): u32 {
  const order: u32 = 32 - <u32>clz(Superblock.only.usable - 1)
  return order > AGE_BITS ? order - AGE_BITS : 0
}

/** The shadow of a page that is about to be evicted for the group that reclaims, never 0; or what another policy wants to be left. */
export function shadowFor(frame: Frame): u32 {
  if (Superblock.only.policy !== 0) return shadowOf(frame)
  if (Group.root.hasGenerations) return tokenFor(frame)
  const target = Cpu.current.target
  const age = (Group.at(target).age >> bucketOrder()) & AGE_MASK
  const shadow = (((age << GROUP_BITS) | target) << WORKINGSET_BITS) | (frame.has(PG_WORKINGSET) ? 1 : 0)
  // an age of 0 is taken for the next
  return shadow !== 0 ? shadow : (<u32>1) << (WORKINGSET_BITS + GROUP_BITS)
}

/** Notes that a page was evicted for the group that reclaims: what `shadowFor` says next is one older. */
export function noteEviction(frame: Frame): void {
  if (Group.root.hasGenerations) countEviction(frame)
  else ageGroup(Group.at(Cpu.current.target), 1)
}

/** Whether a page comes back soon enough to be active. */
function isRecent(shadow: u32, file: bool): bool {
  const group = Group.at((shadow >> WORKINGSET_BITS) & ((1 << GROUP_BITS) - 1))
  const order = bucketOrder()
  const evicted = (shadow >> (WORKINGSET_BITS + GROUP_BITS)) << order
  const distance = (group.age - evicted) & (AGE_MASK << order)
  let size = pagesOf(group, Lru.ActiveFile)
  if (!file) size += pagesOf(group, Lru.InactiveFile)
  if (freeSlotsFor(group) > 0) {
    size += pagesOf(group, Lru.ActiveAnon)
    if (file) size += pagesOf(group, Lru.InactiveAnon)
  }
  return distance <= size
}

/** Puts a page that comes back, for a fault or not as `addToLru` has it, into a list, the active one if its shadow, 0 for none, says that it was evicted too soon. */
export function comeBack(frame: Frame, shadow: u32, advice: u32): void {
  if (Superblock.only.policy !== 0 && Superblock.only.aging !== 0) {
    arrive(frame, shadow)
    return
  }
  if (shadow !== 0 && Superblock.only.aging !== 0) {
    if (Group.root.hasGenerations) noteRefault(frame, shadow, advice)
    else refault(frame, shadow)
  }
  addToLru(frame, advice)
}

/** Looks at the shadow of a page that comes back, before it is put into a list. */
function refault(frame: Frame, shadow: u32): void {
  const superblock = Superblock.only
  const file: u32 = frame.has(PG_SWAPBACKED) ? 0 : 1
  const group = Group.at(frame.group)
  countIn(group, WORKINGSET_REFAULT_ANON + file, 1)
  if ((superblock.without & REFAULT_DISTANCE) !== 0 || !isRecent(shadow, file !== 0)) return
  frame.setFlags(PG_ACTIVE)
  ageGroup(group, 1)
  countIn(group, WORKINGSET_ACTIVATE_ANON + file, 1)
  if ((shadow & 1) === 0) return
  frame.setFlags(PG_WORKINGSET)
  if ((superblock.without & WORKINGSET_RESTORE) === 0) noteCost(group, file !== 0, 1, 0)
  countIn(group, WORKINGSET_RESTORE_ANON + file, 1)
}
