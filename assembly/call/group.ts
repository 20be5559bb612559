// Memory control groups: making, naming, limiting and removing them, and who is in which. There is one level below the root,
// and what they pay for are users' pages. Every call but assignGroup is made while the machine is stopped. Takes: Lru.
import { EBUSY, EEXIST, EINVAL, ENAMETOOLONG, ENOENT, ENOMEM, ENOSPC, ESRCH } from '../abi/errno'
import { ANON_AND_FILE, MAX_NR_GENS } from '../abi/generation'
import { MAX_GROUPS, PID_MAX } from '../abi/layout'
import { NO_LIMIT, SAME_SWAPPINESS } from '../abi/limits'
import { tablesBelow } from '../map/pagetable'
import { forgetPayer } from '../map/swap'
import { joinGroup } from '../mm/space'
import { Frame, PG_DIRTY, PG_SWAPBACKED, PG_SWAPCACHE, State } from '../phys/frame'
import { Generations } from '../phys/generations'
import { Group, initGroup, LRUS, Lru, NAME_BYTES } from '../phys/group'
import { drainBatch } from '../phys/lru'
import { linkLocked, unlinkLocked } from '../phys/lruList'
import { freeGenerations, newGenerations } from '../phys/newGenerations'
import { Superblock } from '../phys/superblock'
import { livingTask } from '../proc/task'
import { beginReclaim } from '../reclaim/begin'
import { MAX_RECLAIM_RETRIES, reclaimPages } from '../reclaim/direct'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** The group with a number, if there is one below the root. */
function groupOf(number: u32): Group | null {
  return number > 0 && number < Superblock.only.groups && Group.at(number).isUsed !== 0 ? Group.at(number) : null
}

/** The number of the group whose name stands in the CPU's buffer; ENOENT if there is none. */
export function findGroup(bytes: u32): i32 {
  for (let number: u32 = 1; number < Superblock.only.groups; number++) {
    const group = groupOf(number)
    if (!group || group.nameBytes !== bytes) continue
    if (memory.compare(group.name, Cpu.current.buffer, bytes) === 0) return number
  }
  return -ENOENT
}

/** Makes a group of the name in the CPU's buffer, without a limit; its number. EINVAL for no name, ENAMETOOLONG, EEXIST, ENOSPC, ENOMEM. */
export function makeGroup(bytes: u32): i32 {
  if (bytes === 0) return -EINVAL
  if (bytes > NAME_BYTES) return -ENAMETOOLONG
  if (findGroup(bytes) > 0) return -EEXIST
  let number: u32 = 1
  while (number < <u32>MAX_GROUPS && groupOf(number) !== null) number++
  if (number === <u32>MAX_GROUPS) return -ENOSPC
  const group = Group.at(number)
  memory.fill(changetype<usize>(group), 0, <usize>Group.size)
  initGroup(group)
  if (Group.root.hasGenerations) {
    group.generations = changetype<Generations>(newGenerations())
    if (!group.hasGenerations) {
      group.isUsed = 0
      return -ENOMEM
    }
  }
  group.nameBytes = bytes
  memory.copy(group.name, Cpu.current.buffer, bytes)
  if (number === Superblock.only.groups) Superblock.only.groups = number + 1
  return number
}

/**
 * Sets the most pages that a group may have, infinity for no limit: memory.max. What it has beyond that is reclaimed; nobody is killed for it before
 * somebody wants more. From the first limit on, pages are kept in lists. ENOENT, EINVAL. Takes: what evicting a page takes.
 */
export function limitGroup(number: u32, pages: f64): i32 {
  const group = groupOf(number)
  if (!group) return -ENOENT
  if (!(pages >= 0)) return -EINVAL
  group.limit = pages >= <f64>NO_LIMIT ? NO_LIMIT : <u32>pages
  if (group.limit !== NO_LIMIT) beginReclaim()
  for (let tries: u32 = 0; group.usage > group.limit && tries < MAX_RECLAIM_RETRIES; ) {
    if (reclaimPages(number, group.usage - group.limit) === 0) tries++
  }
  Cpu.current.target = 0
  return 0
}

/** Sets the most slots of swap that a group's pages may take, infinity for no limit: memory.swap.max. What they have stays. ENOENT, EINVAL. */
export function limitSwap(number: u32, pages: f64): i32 {
  const group = groupOf(number)
  if (!group) return -ENOENT
  if (!(pages >= 0)) return -EINVAL
  group.swapLimit = pages >= <f64>NO_LIMIT ? NO_LIMIT : <u32>pages
  return 0
}

/** Sets a group's swappiness, 0 to 200; above that it is vm.swappiness. ENOENT. */
export function setSwappiness(number: u32, swappiness: u32): i32 {
  const group = groupOf(number)
  if (!group) return -ENOENT
  group.swappiness = swappiness > 200 ? SAME_SWAPPINESS : swappiness
  return 0
}

/** Puts a process in a group, or out of all for 0. Its children will be there; its pages stay where they are. ENOENT, ESRCH. */
export function assignGroup(number: u32, pid: u32): i32 {
  if (number !== 0 && !groupOf(number)) return -ENOENT
  const task = livingTask(pid)
  if (!task) return -ESRCH
  joinGroup(task.mm, number)
  return 0
}

/** Removes a group that no process is in; its pages are the root's then. ENOENT, EBUSY. */
export function removeGroup(number: u32): i32 {
  const group = groupOf(number)
  if (!group) return -ENOENT
  if (group.members !== 0) return -EBUSY
  for (let id: u32 = 0; id < Superblock.only.cpus; id++) drainBatch(Cpu.at(id))
  for (let lru: u32 = 0; lru < LRUS; lru++) {
    while (!group.list(lru).isEmpty) moveToRoot(group, changetype<Frame>(group.list(lru).prev))
  }
  if (group.hasGenerations) dropGenerations(group)
  movePinned(group)
  for (let pfn: u32 = 0; pfn < Superblock.only.frames; pfn++) if (Frame.at(pfn).group === <u8>number) Frame.at(pfn).group = 0
  forgetPayer(group)
  group.isUsed = 0
  group.usage = 0
  return 0
}

/** Moves the pages of a group's generations to the root, the oldest first. Takes: Lru. */
function dropGenerations(group: Group): void {
  const generations = group.generations
  for (let file: u32 = 0; file < ANON_AND_FILE; file++) {
    for (let gen: u32 = 0; gen < MAX_NR_GENS; gen++) {
      const list = generations.list((generations.maxSeq + 1 + gen) % MAX_NR_GENS, file)
      while (!list.isEmpty) moveToRoot(group, changetype<Frame>(list.prev))
    }
  }
  freeGenerations(generations)
  group.generations = changetype<Generations>(0)
}

/** Makes a group's unevictable pages, which stand in no list, the root's. Takes: Lru. */
function movePinned(group: Group): void {
  const pages = <i32>group.size(Lru.Unevictable)
  group.lock(Rank.Lru)
  group.growLocked(Lru.Unevictable, -pages)
  group.unlock(Rank.Lru)
  Group.root.lock(Rank.Lru)
  Group.root.growLocked(Lru.Unevictable, pages)
  Group.root.unlock(Rank.Lru)
}

/** Moves a page from its list to the root's, at the head: so from the tail on they keep their order. Takes: Lru. */
function moveToRoot(group: Group, frame: Frame): void {
  group.lock(Rank.Lru)
  unlinkLocked(group, frame)
  group.unlock(Rank.Lru)
  frame.group = 0
  Group.root.lock(Rank.Lru)
  linkLocked(Group.root, frame)
  Group.root.unlock(Rank.Lru)
}

/** Pages of a group, by what they are. */
@unmanaged
@final
export class GroupPages {
  /** Private; of objects, of these those of files on disks, and mapped, and dirty ones of files on disks; private ones that have a slot of swap as well. */
  anonymous: u32
  shared: u32
  file: u32
  mapped: u32
  dirty: u32
  swapCached: u32
  /** Page tables of the group's processes, which it does not pay for. */
  tables: u32
}

/** Counts the pages that a group pays for; leaves struct GroupPages in the CPU's buffer. ENOENT. */
export function countPages(number: u32): i32 {
  if (!groupOf(number)) return -ENOENT
  const pages = changetype<GroupPages>(Cpu.current.buffer)
  memory.fill(changetype<usize>(pages), 0, offsetof<GroupPages>())
  for (let pfn: u32 = 0; pfn < Superblock.only.frames; pfn++) {
    const frame = Frame.at(pfn)
    if (frame.group === <u8>number) countPage(pages, frame)
  }
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (task && task.mm.group === number) pages.tables += tablesBelow(task.mm.tables) + 1
  }
  return 0
}

function countPage(pages: GroupPages, frame: Frame): void {
  if (frame.state === State.Anonymous) {
    pages.anonymous++
    if (frame.has(PG_SWAPCACHE)) pages.swapCached++
  } else if (frame.state === State.Object) {
    pages.shared++
    if (frame.mapCount !== 0) pages.mapped++
    if (!frame.has(PG_SWAPBACKED)) {
      pages.file++
      if (frame.has(PG_DIRTY)) pages.dirty++
    }
  }
}
