// Walks over processes, address spaces and frames for the host: each call fills the CPU's buffer with
// the records that follow a place, and says how many. Right only while no other thread is in a call.
import { BUFFER_SIZE, PAGE_SHIFT, PID_MAX } from '../abi/layout'
import { Segment } from '../ipc/segment'
import { File } from '../map/file'
import { lookUp, nextMapped, tablesBelow } from '../map/pagetable'
import { ACCESSED, DIRTY, isSwap, isWritable, pfnOf, SOFT_DIRTY, swapOf } from '../map/pte'
import { radixNext } from '../map/radix'
import { swapCount } from '../map/swap'
import { Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { Commitment, commitLimit } from '../phys/commit'
import { Frame, PG_DIRTY, PG_MLOCKED, PG_SWAPBACKED, PG_UNEVICTABLE, State } from '../phys/frame'
import { Group, Lru, pagesOf } from '../phys/group'
import { Superblock } from '../phys/superblock'
import { MAX_ORDER, Zone } from '../phys/zone'
import { anyTask, livingTask, Task, Thread } from '../proc/task'
import { oomScore } from '../reclaim/oom'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { DescriptorRecord, FileRecord, FrameRecord, PageRecord, ProcessRecord, ThreadRecord, UsageRecord, VmaRecord } from './records'

/** The first process with a pid from `pid` on; returns its pid, or 0 if there is none. */
export function recordProcess(pid: u32): u32 {
  while (pid < PID_MAX && !anyTask(pid)) pid++
  if (pid >= PID_MAX) return 0
  const task = changetype<Task>(anyTask(pid))
  const record = changetype<ProcessRecord>(Cpu.current.buffer)
  record.pid = pid
  record.parent = task.parent ? task.parent.pid : 0
  record.status = task.status
  record.uid = task.uid
  record.euid = task.euid
  record.suid = task.suid
  record.gid = task.gid
  record.egid = task.egid
  record.sgid = task.sgid
  record.groups = task.groupCount
  record.umask = task.descriptors.umask
  memory.copy(Cpu.current.buffer + offsetof<ProcessRecord>(), task.groups, task.groupCount << 2)
  const mm = task.mm
  record.oomScoreAdj = task.oomScoreAdj
  record.mm = changetype<u32>(mm)
  record.alive = mm !== null
  record.namespace = mm ? changetype<u32>(task.shm) : 0
  if (!mm) return pid
  record.cpu = ctz(mm.cpus)
  record.asleep = isAsleep(task)
  record.threads = task.descriptors.users
  record.vmas = mm.count
  record.anonymous = mm.anonymous
  record.shared = mm.shared
  record.swapped = mm.swapped
  record.tables = tablesBelow(mm.tables) + 1
  record.oomScore = oomScore(task)
  record.total = <f64>(mm.total << PAGE_SHIFT)
  record.data = <f64>(mm.data << PAGE_SHIFT)
  record.locked = <f64>(mm.locked << PAGE_SHIFT)
  record.heapEnd = <f64>mm.heapEnd
  return pid
}

/** Whether a process's threads all sleep in calls of it. */
function isAsleep(task: Task): bool {
  for (let link = task.threads.next; link !== task.threads; link = link.next) {
    const cpu = Cpu.at(changetype<Thread>(link).cpu)
    if (cpu.asleep === 0 || cpu.pid !== task.pid) return false
  }
  return true
}

/** The threads of a process, of which there are no more than CPUs, in the order of their making. */
export function recordThreads(pid: u32): u32 {
  const task = livingTask(pid)
  if (!task) return 0
  let count: u32 = 0
  for (let link = task.threads.next; link !== task.threads; link = link.next) {
    const thread = changetype<Thread>(link)
    const record = changetype<ThreadRecord>(Cpu.current.buffer + <usize>(count * offsetof<ThreadRecord>()))
    record.tid = thread.tid
    record.cpu = thread.cpu
    record.asleep = Cpu.at(thread.cpu).asleep !== 0 && Cpu.at(thread.cpu).pid === pid
    count++
  }
  return count
}

/** The VMAs of a process that end behind an address. */
export function recordVmas(pid: u32, address: u64): u32 {
  const task = livingTask(pid)
  if (!task) return 0
  const list = task.mm.list
  const room: u32 = BUFFER_SIZE / offsetof<VmaRecord>()
  let vma = findVma(task.mm.vmas, address >> PAGE_SHIFT)
  let count: u32 = 0
  while (vma && count < room) {
    recordVma(changetype<VmaRecord>(Cpu.current.buffer + <usize>(count * offsetof<VmaRecord>())), vma)
    count++
    vma = vma.next === list ? null : changetype<Vma>(vma.next)
  }
  return count
}

function recordVma(record: VmaRecord, vma: Vma): void {
  const file = vma.file
  record.start = <f64>(vma.start << PAGE_SHIFT)
  record.end = <f64>(vma.end << PAGE_SHIFT)
  record.vma = changetype<u32>(vma)
  record.flags = vma.flags
  record.file = changetype<u32>(file)
  record.inode = changetype<u32>(vma.object)
  record.offset = vma.object ? <f64>(vma.offset << PAGE_SHIFT) : 0
  record.family = changetype<u32>(vma.family)
  record.segment = vma.segment === 0 ? -1 : changetype<Segment>(vma.segment).id
}

/** What a process maps in [address, end). */
export function recordPages(pid: u32, address: u64, end: u64): u32 {
  const task = livingTask(pid)
  if (!task) return 0
  const tables = task.mm.tables
  const room: u32 = BUFFER_SIZE / offsetof<PageRecord>()
  const last = end >> PAGE_SHIFT
  let count: u32 = 0
  for (let vpn = nextMapped(tables, address >> PAGE_SHIFT, last); vpn < last && count < room; vpn = nextMapped(tables, vpn + 1, last)) {
    const pte = lookUp(tables, vpn)
    const record = changetype<PageRecord>(Cpu.current.buffer + <usize>(count * offsetof<PageRecord>()))
    record.address = <f64>(vpn << PAGE_SHIFT)
    record.swap = isSwap(pte) ? swapOf(pte) : 0
    record.swapUsers = isSwap(pte) ? swapCount(swapOf(pte)) : 0
    // what is in swap has no frame
    const frame = Frame.at(isSwap(pte) ? 0 : pfnOf(pte))
    record.frame = frame.pfn
    record.state = frame.state
    record.maps = frame.maps
    record.writable = isWritable(pte)
    record.accessed = (pte & ACCESSED) !== 0
    record.dirty = (pte & DIRTY) !== 0
    record.softDirty = (pte & SOFT_DIRTY) !== 0
    record.lazyFree = frame.state === State.Anonymous && !record.dirty && !frame.has(PG_SWAPBACKED | PG_DIRTY)
    count++
  }
  return count
}

/** The descriptors of a process from a number on. */
export function recordDescriptors(pid: u32, fd: u32): u32 {
  const task = livingTask(pid)
  if (!task) return 0
  const table = task.descriptors
  const room: u32 = BUFFER_SIZE / offsetof<DescriptorRecord>()
  let count: u32 = 0
  for (let at = radixNext(table.root, fd); at >= 0 && count < room; at = radixNext(table.root, <u32>at + 1)) {
    const record = changetype<DescriptorRecord>(Cpu.current.buffer + <usize>(count * offsetof<DescriptorRecord>()))
    record.fd = <u32>at
    record.file = changetype<u32>(table.fileAtLocked(<i32>at))
    count++
  }
  return count
}

/** The open file that stands at an address that a record gave. */
export function recordFile(address: u32): void {
  const file = changetype<File>(address)
  const record = changetype<FileRecord>(Cpu.current.buffer)
  record.file = address
  record.inode = changetype<u32>(file.inode)
  record.flags = file.flags
  record.refs = file.refs
}

/** Counts the frames by what they are, and what is promised of them. Other threads may be in calls: then it is as right as such a count can be. */
export function recordUsage(): void {
  const usage = changetype<UsageRecord>(Cpu.current.buffer)
  memory.fill(changetype<usize>(usage), 0, offsetof<UsageRecord>())
  usage.committed = <f64>Commitment.pages
  usage.commitLimit = <f64>max<i64>(0, commitLimit())
  const root = Group.root
  usage.inactiveAnon = pagesOf(root, Lru.InactiveAnon)
  usage.activeAnon = pagesOf(root, Lru.ActiveAnon)
  usage.inactiveFile = pagesOf(root, Lru.InactiveFile)
  usage.activeFile = pagesOf(root, Lru.ActiveFile)
  const frames = Superblock.only.frames
  for (let pfn: u32 = 0; pfn < frames; pfn++) {
    const frame = Frame.at(pfn)
    const state = frame.state
    const size = state === State.Free || state === State.Raw ? (<u32>1) << (frame.owner & 31) : 1
    if (state === State.Raw) usage.raw += size
    else if (state === State.Slab) usage.slab++
    else if (state === State.Table) usage.table++
    else if (state === State.Anonymous) usage.anonymous++
    else if (state === State.Object) {
      usage.object++
      if (frame.mapCount !== 0) usage.mapped++
      if (!frame.has(PG_SWAPBACKED)) {
        usage.file++
        if (frame.has(PG_DIRTY)) usage.dirty++
      }
    }
    if (frame.isUsers) {
      if (frame.has(PG_UNEVICTABLE)) usage.unevictable++
      if (frame.has(PG_MLOCKED)) usage.locked++
    }
    pfn += size - 1
  }
}

/** Writes how many free blocks a zone has of each order, a u32 each. Takes: Zone. */
export function recordFreeBlocks(index: u32): void {
  const zone = Zone.at(index)
  zone.lock(Rank.Zone)
  for (let order: u32 = 0; order <= MAX_ORDER; order++) {
    const list = zone.list(order)
    let blocks: u32 = 0
    for (let link = list.next; link !== list; link = link.next) blocks++
    store<u32>(Cpu.current.buffer + (order << 2), blocks)
  }
  zone.unlock(Rank.Zone)
}

/** The frames from a number on that are neither free nor reserved. */
export function recordFrames(pfn: u32): u32 {
  const frames = Superblock.only.frames
  const room: u32 = BUFFER_SIZE / offsetof<FrameRecord>()
  let count: u32 = 0
  for (; pfn < frames && count < room; pfn++) {
    const frame = Frame.at(pfn)
    const state = frame.state
    // the rest of a block is as its head is
    if (state === State.Free || state === State.Raw) pfn += ((<u32>1) << frame.owner) - 1
    if (state === State.Free || state === State.Cached || state === State.Reserved) continue
    const record = changetype<FrameRecord>(Cpu.current.buffer + <usize>(count * offsetof<FrameRecord>()))
    record.frame = frame.pfn
    record.state = state
    record.refs = frame.refs
    record.maps = state === State.Slab ? 0 : frame.maps
    record.owner = frame.owner
    // above it stand marks
    record.index = state === State.Anonymous ? <f64>frame.place : <f64>(<u32>frame.index)
    count++
  }
  return count
}
