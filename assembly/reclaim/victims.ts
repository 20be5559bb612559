// Evicting the pages that the machine's policy gave up, where no lock is held: behind the access or call in which another page came.
// Takes: what pageOut takes.
import { PGSCAN_ANON, PGSCAN_DIRECT, PGSCAN_FILE, PGSTEAL_ANON, PGSTEAL_DIRECT, PGSTEAL_FILE } from '../abi/vmstat'
import { putPrivate } from '../map/swap'
import { PG_SWAPBACKED } from '../phys/frame'
import { countIn, Group } from '../phys/group'
import { keepVictim, takeVictim } from '../phys/residents'
import { Cpu, SHORT_OF_SLOTS } from '../sync/cpu'
import { Outcome, pageOut } from './pageOut'

/** How many pages that cannot go come back to the policy, for another, before they are left alone until their next use. */
const PATIENCE: u32 = 16

/** Evicts the pages that the policy gave up; says whether any is gone. In a call, without locks. */
export function evictVictims(): bool {
  let gone: u32 = 0
  let kept: u32 = 0
  let fileScanned: u32 = 0
  let fileGone: u32 = 0
  for (let frame = takeVictim(); frame; frame = takeVictim()) {
    const file = !frame.has(PG_SWAPBACKED)
    if (file) fileScanned++
    if ((pageOut(frame, true) & Outcome.Freed) !== 0) {
      gone++
      if (file) fileGone++
    } else {
      keepVictim(frame, kept++ < PATIENCE)
      putPrivate(frame)
    }
  }
  Cpu.current.short &= ~SHORT_OF_SLOTS
  countIn(Group.root, PGSCAN_DIRECT, gone + kept)
  countIn(Group.root, PGSCAN_ANON, gone + kept - fileScanned)
  countIn(Group.root, PGSCAN_FILE, fileScanned)
  countIn(Group.root, PGSTEAL_DIRECT, gone)
  countIn(Group.root, PGSTEAL_ANON, gone - fileGone)
  countIn(Group.root, PGSTEAL_FILE, fileGone)
  return gone !== 0
}
