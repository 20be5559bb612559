// validate(): families. A family has the VMAs that name it and no others, so that with what checkSpace holds every
// entry of a private page to, whoever goes from the page's frame to its family finds all entries that map it.
import { BROKEN_FAMILY, BROKEN_LOCK } from '../abi/invariant'
import { FAMILY_LOCK_COUNT, PID_MAX } from '../abi/layout'
import { Family } from '../map/family'
import { Vma } from '../map/vma'
import { Cache, Kind } from '../phys/slab'
import { livingTask, Task } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { Pass } from './names'
import { broken } from './report'

/** Every family, found through the VMAs of the processes that run. */
export function checkFamilies(): u32 {
  for (let index: u32 = 0; index < FAMILY_LOCK_COUNT; index++)
    if (Family.lockAt(index).isHeld) return broken(BROKEN_LOCK, Rank.Family, index)
  visitFamilies(Pass.Reset)
  visitFamilies(Pass.Count)
  const families = visitFamilies(Pass.Compare)
  const active = Cache.of(Kind.Family).active
  return families === active ? 0 : broken(BROKEN_FAMILY, families, active)
}

/** Takes the VMAs of all processes into account; of those that stand first in their families' lists, returns how many have such lists as they should. */
function visitFamilies(pass: Pass): u32 {
  let families: u32 = 0
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (task) families += visitSpace(task, pass)
  }
  return families
}

function visitSpace(task: Task, pass: Pass): u32 {
  const list = task.mm.list
  let families: u32 = 0
  for (let link = list.next; link !== list; link = link.next) {
    const vma = changetype<Vma>(link)
    const family = vma.family
    if (!family) continue
    if (pass === Pass.Reset) family.tally = 0
    else if (pass === Pass.Count) family.tally++
    else if (family.next === vma.kin) families += <u32>isSound(family)
  }
  return families
}

/** Whether a family has as many VMAs as were counted, all of which name it. */
function isSound(family: Family): bool {
  for (let link = family.next; link !== family; link = link.next) if (Vma.ofKin(link).family !== family) return false
  return family.checkedLength(Cache.of(Kind.Vma).active) === family.tally
}
