// Whether the machine's books balance: every frame is in exactly one state and accounted for once,
// and every count is what counting finds. Slow, and right only while no other thread is in a call.
import { BROKEN_KSWAPD, BROKEN_LOCK, BROKEN_WALK } from '../abi/invariant'
import { PID_MAX } from '../abi/layout'
import { Names } from '../fs/names'
import { ShmNamespace } from '../ipc/namespace'
import { drainTables } from '../map/pagetable'
import { drainBatch } from '../phys/lru'
import { Cache, drainObjects, KINDS } from '../phys/slab'
import { Superblock } from '../phys/superblock'
import { Kswapd, Zone } from '../phys/zone'
import { livingTask, Tasks } from '../proc/task'
import { evictVictims } from '../reclaim/victims'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { checkBytes, resetBytes } from './bytes'
import { checkFamilies } from './families'
import { checkAccounts, checkFree, checkSlabs } from './frames'
import { checkFutexes } from './futexes'
import { checkGroups } from './groups'
import { checkLists } from './lru'
import { checkNamespaces, findNamespaces } from './namespaces'
import { checkDescriptors, checkObjects } from './objects'
import { checkPromises } from './promises'
import { broken } from './report'
import { checkSpace } from './space'
import { checkAreas, resetSwap } from './swap'
import { checkSysv } from './sysv'
import { checkTasks } from './tasks'

/** 0, or the code of the first broken invariant, its details in the CPU's buffer. */
export function validate(): u32 {
  const superblock = Superblock.only
  memory.fill(superblock.tally, 0, superblock.frames * 4)
  evictVictims()
  for (let id: u32 = 0; id < superblock.cpus; id++) {
    drainBatch(Cpu.at(id))
    drainObjects(Cpu.at(id))
    drainTables(Cpu.at(id))
  }
  resetSwap()
  resetBytes()
  let found = checkLocks()
  if (found === 0) found = checkWalks()
  if (found === 0) found = checkKswapd()
  if (found === 0) found = checkFree()
  if (found === 0) found = checkSlabs()
  if (found === 0) found = checkLists()
  for (let pid: u32 = 1; pid < PID_MAX && found === 0; pid++) {
    const task = livingTask(pid)
    if (task) found = checkSpace(task)
    if (task && found === 0) found = checkDescriptors(task)
  }
  if (found === 0) found = checkTasks()
  if (found === 0) found = checkFamilies()
  if (found === 0) found = checkFutexes()
  const namespaces: ShmNamespace | null = found === 0 ? findNamespaces() : null
  if (found === 0) found = checkObjects(namespaces)
  if (found === 0) found = checkNamespaces(namespaces)
  if (found === 0) found = checkAreas()
  if (found === 0) found = checkGroups()
  if (found === 0) found = checkPromises()
  if (found === 0) found = checkSysv(namespaces)
  if (found === 0) found = checkBytes()
  return found === 0 ? checkAccounts() : found
}

function checkLocks(): u32 {
  if (Tasks.only.isHeld) return broken(BROKEN_LOCK, Rank.Tasks, 0)
  if (Names.only.isHeld) return broken(BROKEN_LOCK, Rank.Names, 0)
  for (let index: u32 = 0; index < Zone.count; index++) if (Zone.at(index).isHeld) return broken(BROKEN_LOCK, Rank.Zone, index)
  for (let kind: u32 = 0; kind < KINDS; kind++) if (Cache.of(kind).isHeld) return broken(BROKEN_LOCK, Rank.Slab, kind)
  return 0
}

/** kswapd has a thread or runs where it is needed, and whoever takes frames knows which. */
function checkKswapd(): u32 {
  const zone = Zone.ofUsers
  const own = Superblock.only.kswapdCpu
  const inline = zone.kswapdState === Kswapd.Inline
  if (!inline && (own === 0 || Cpu.at(own).taken === 0)) return broken(BROKEN_KSWAPD, zone.kswapdState, own)
  return zone.easy === zone.min || zone.easy === zone.low ? 0 : broken(BROKEN_KSWAPD, zone.easy, zone.min)
}

function checkWalks(): u32 {
  for (let id: u32 = 0; id < Superblock.only.cpus; id++) {
    const walked = Cpu.at(id).walked
    if (walked !== 0) return broken(BROKEN_WALK, id, <u32>walked)
  }
  return 0
}
