// shmget, shmat, shmdt, shmctl: arguments validated in the order of Linux's ipc/shm.c (6.12).
// Takes: Space, Ipc, Mapping, Slab, Zone; Ipc and Space never the wrong way round.

import { EACCES, EAGAIN, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC, EPERM } from '../abi/errno'
import { O_RDONLY, O_RDWR } from '../abi/fcntl'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { RLIMIT_MEMLOCK } from '../abi/resource'
import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_INFO,
  IPC_PRIVATE,
  IPC_RMID,
  IPC_STAT,
  SHM_DEST,
  SHM_EXEC,
  SHM_HUGETLB,
  SHM_INFO,
  SHM_LOCK,
  SHM_LOCKED,
  SHM_NORESERVE,
  SHM_RDONLY,
  SHM_REMAP,
  SHM_RND,
  SHM_STAT,
  SHM_STAT_ANY,
  SHM_UNLOCK,
  SHMLBA,
} from '../abi/shm'
import { atIndex, enter, findId, findKey, removeKey } from '../ipc/ids'
import { ShmNamespace } from '../ipc/namespace'
import { controls, owns, permits, updatePerm } from '../ipc/perm'
import { destroyLocked, dropAttachmentLocked, Segment } from '../ipc/segment'
import { PermReport, reportPermLocked } from '../ipc/stat'
import { newFile, putFile } from '../map/file'
import { lockPages, putInode, rescuePages, Use, unlockPages } from '../map/inode'
import { freeVma, newVma, showFile, VM_EXEC, VM_LOCKED, VM_MAY_SHIFT, VM_READ, VM_RIGHTS, VM_SHARED, VM_WRITE, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { mayLockLocked } from '../mm/limits'
import { isUsedLocked, mapLocked, unmapLocked } from '../mm/mmap'
import { populate } from '../mm/populate'
import { NEVER } from '../phys/commit'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Sysctl } from '../phys/sysctl'
import { Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { newObject } from './mapFile'
import { hugeError, pagesOf, placeLocked } from './memory'

/** The most bytes of a file; SHMMAX is more by default. */
const FILE_LIMIT: u64 = 0x7fffffffffffffff

/** More pages than there are. */
const NO_LIMIT: u64 = 0xffffffffffffffff

/** What IPC_STAT, SHM_STAT and SHM_INFO write to the CPU's buffer. */
@unmanaged
@final
export class ShmStat extends PermReport {
  cpid: u32
  lpid: u32
  nattch: u32
  segsz: f64
  atime: f64
  dtime: f64
  ctime: f64
}

/** What SHM_INFO writes to the CPU's buffer. */
@unmanaged
@final
export class ShmUsage {
  usedIds: u32
  residentPages: u32
  swappedPages: u32
  totalPages: f64
}

/** What IPC_INFO writes to the CPU's buffer. */
@unmanaged
@final
export class ShmLimits {
  maxBytes: f64
  maxPages: f64
  maxSegments: u32
}

/** The id of the segment with a key, made if the flags say so. Takes: Ipc. */
export function get(task: Task, key: i32, bytes: u64, flags: u32): i32 {
  const namespace = task.shm
  namespace.lock(Rank.Ipc)
  const found = findKey(namespace.buckets, key)
  let result: i32
  if (!found) result = key !== IPC_PRIVATE && (flags & IPC_CREAT) === 0 ? -ENOENT : createLocked(task, key, bytes, flags)
  else if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) result = -EEXIST
  else if (changetype<Segment>(found).bytes < <f64>bytes) result = -EINVAL
  else result = permits(found, task, flags) ? found.id : -EACCES
  namespace.unlock(Rank.Ipc)
  return result
}

/** Holds: Ipc. */
function createLocked(task: Task, key: i32, bytes: u64, flags: u32): i32 {
  const namespace = task.shm
  if (bytes < 1 || bytes > namespace.maxBytes) return -EINVAL
  const pages = pagesOf(bytes)
  if (pages === 0 || pages > namespace.maxPages || namespace.totalPages > namespace.maxPages - pages) return -ENOSPC
  // there are no huge pages, and no other sizes of them
  if ((flags & SHM_HUGETLB) !== 0) {
    const error = hugeError(flags)
    return error === -ENOMEM && !task.isRoot && !task.isIn(0) ? -EPERM : error
  }
  if (bytes > FILE_LIMIT) return -EINVAL
  // an object's pages are numbered by 32 bits
  if (pages > 0xffffffff) return -ENOMEM
  const segment = newSegment(task, key, bytes, flags)
  if (!segment) return -ENOMEM
  segment.key = key
  segment.mode = flags & 0o777
  segment.uid = task.euid
  segment.cuid = task.euid
  segment.gid = task.egid
  segment.cgid = task.egid
  segment.bytes = <f64>bytes
  segment.changed = segment.file.inode.changed
  segment.creator = task.pid
  segment.namespace = namespace
  const id = enter(namespace, namespace.buckets, segment, namespace.maxSegments)
  if (id < 0) {
    putFile(segment.file)
    freeObject(Kind.Segment, changetype<usize>(segment))
    return id
  }
  segment.file.inode.number = id
  namespace.totalPages += pages
  segment.made.insertBefore(task.made)
  return id
}

/** A segment with a file of its own on the internal mount; null if there is no memory. */
function newSegment(task: Task, key: i32, bytes: u64, flags: u32): Segment | null {
  const reserve = (flags & SHM_NORESERVE) === 0 || Sysctl.only.overcommitMemory === NEVER
  const inode = newObject(task, Use.Segment, bytes, flags & 0o777, reserve)
  if (!inode) return null
  inode.tag = key
  const file = newFile(inode, O_RDWR)
  if (!file) {
    putInode(inode)
    return null
  }
  const segment = changetype<Segment>(allocObject(Kind.Segment))
  if (segment) segment.file = file
  else putFile(file)
  return segment
}

/** The segment with an id; null if there is none. Holds: Ipc. */
function segmentLocked(namespace: ShmNamespace, id: i32): Segment | null {
  return changetype<Segment>(findId(namespace, id))
}

/** Attaches a segment; returns the address, or -errno. Takes: Space, Ipc. */
export function attach(task: Task, id: i32, address: u64, flags: u32): f64 {
  if (id < 0) return -EINVAL
  const remap = (flags & SHM_REMAP) !== 0
  let at = address
  if ((at & (SHMLBA - 1)) !== 0) {
    if ((flags & SHM_RND) === 0) return -EINVAL
    at &= ~(<u64>(SHMLBA - 1))
    if (at === 0 && remap) return -EINVAL
  } else if (at === 0 && remap) return -EINVAL
  const fixed = address !== 0
  const rights = (VM_READ | ((flags & SHM_RDONLY) !== 0 ? 0 : VM_WRITE) | ((flags & SHM_EXEC) !== 0 ? VM_EXEC : 0)) as u32
  const mode = (rights & VM_READ ? 0o444 : 0) | (rights & VM_WRITE ? 0o222 : 0) | (rights & VM_EXEC ? 0o111 : 0)
  const namespace = task.shm
  namespace.lock(Rank.Ipc)
  const segment = segmentLocked(namespace, id)
  const allowed = segment !== null && permits(segment, task, mode)
  // keeps the segment until its VMA counts for itself
  if (segment && allowed) segment.attachments++
  namespace.unlock(Rank.Ipc)
  if (!segment) return -EINVAL
  if (!allowed) return -EACCES
  task.mm.lockAll(Rank.Space)
  const start = attachLocked(task, segment, at, fixed, remap, rights)
  const filled = start >= 0 && (task.mm.defaults & VM_LOCKED) !== 0
  task.mm.unlock(Rank.Space)
  if (filled) populate(task.mm, start, <u64>start + segment.pages)
  namespace.lock(Rank.Ipc)
  dropAttachmentLocked(segment)
  namespace.unlock(Rank.Ipc)
  return start < 0 ? <f64>start : <f64>(start << PAGE_SHIFT)
}

/** Maps a segment that is kept; returns the page number, or -errno. Holds: Space. */
function attachLocked(task: Task, segment: Segment, address: u64, fixed: bool, remap: bool, rights: u32): i64 {
  const mm = task.mm
  const pages: u64 = segment.pages
  if (fixed && !remap && address !== 0) {
    const bytes = pages << PAGE_SHIFT
    if (address + bytes < address) return -EINVAL
    if (isUsedLocked(mm, address >> PAGE_SHIFT, (address + bytes) >> PAGE_SHIFT)) return -EINVAL
  }
  if (mm.count > Sysctl.only.maxMapCount) return -ENOMEM
  const start = placeLocked(mm, address, pages, fixed, task.isRoot)
  if (start < 0) return start
  if (!mayLockLocked(mm, mm.defaults, pages)) return -EAGAIN
  // who attached for reading may not let itself write later; who may read may execute, as Linux has it
  const may = (rights & VM_WRITE ? VM_RIGHTS : VM_READ | VM_EXEC) << VM_MAY_SHIFT
  const vma = newVma(mm.id, start, start + pages, rights | may | VM_SHARED | mm.defaults)
  const inode = segment.file.inode
  inode.addRef()
  const file = newFile(inode, (rights & VM_WRITE) !== 0 ? O_RDWR : O_RDONLY)
  if (!vma || !file) {
    if (vma) freeVma(vma)
    if (file) putFile(file)
    else putInode(inode)
    return -ENOMEM
  }
  file.segment = changetype<u32>(segment)
  showFile(vma, file, 0)
  putFile(file)
  const error = mapLocked(mm, vma)
  return error === 0 ? start : error
}

/** Whether the VMA is part of an attachment made at a page number. */
function isAttachedAt(vma: Vma, vpn: u64): bool {
  return vma.segment !== 0 && vma.start >= vpn && vma.start - vpn === vma.offset
}

/** Detaches the segment that was attached at an address: every part of it that is left. Takes: Space, Ipc. */
export function detach(task: Task, address: u64): i32 {
  if ((address & (PAGE_SIZE - 1)) !== 0) return -EINVAL
  const mm = task.mm
  const vpn = address >> PAGE_SHIFT
  mm.lockAll(Rank.Space)
  let vma = findVma(mm.vmas, vpn)
  while (vma && !isAttachedAt(vma, vpn)) vma = findVma(mm.vmas, vma.end)
  let error: i32 = vma ? 0 : -EINVAL
  if (vma) {
    const file = vma.file
    // the first part goes even if it was made longer than the segment
    const end = max(vma.end, vpn + <u64>changetype<Segment>(vma.segment).pages)
    while (vma && vma.end <= end && error === 0) {
      const next = vma.end
      if (vma.file === file && isAttachedAt(vma, vpn)) error = unmapLocked(mm, vma.start, next)
      vma = findVma(mm.vmas, next)
    }
  }
  mm.unlock(Rank.Space)
  return error
}

/** shmctl, but for IPC_SET; what it reports stands in the CPU's buffer. Takes: Ipc. */
export function control(task: Task, id: i32, command: i32): i32 {
  if (command < 0 || id < 0) return -EINVAL
  const namespace = task.shm
  namespace.lock(Rank.Ipc)
  let result: i32 = -EINVAL
  if (command === IPC_INFO || command === SHM_INFO) {
    if (command === IPC_INFO) reportLimitsLocked(namespace)
    else reportUsageLocked(namespace)
    result = max(namespace.highest, 0)
  } else if (command === IPC_STAT || command === SHM_STAT || command === SHM_STAT_ANY) result = statLocked(task, id, command)
  else if (command === IPC_RMID) result = markLocked(task, id)
  else if (command === SHM_LOCK || command === SHM_UNLOCK) result = pinLocked(task, id, command === SHM_LOCK)
  namespace.unlock(Rank.Ipc)
  return result
}

/** Holds: Ipc. */
function reportLimitsLocked(namespace: ShmNamespace): void {
  const limits = changetype<ShmLimits>(Cpu.current.buffer)
  limits.maxBytes = <f64>namespace.maxBytes
  limits.maxPages = <f64>namespace.maxPages
  limits.maxSegments = namespace.maxSegments
}

/** Holds: Ipc. */
function reportUsageLocked(namespace: ShmNamespace): void {
  const usage = changetype<ShmUsage>(Cpu.current.buffer)
  usage.usedIds = namespace.inUse
  usage.totalPages = <f64>namespace.totalPages
  usage.residentPages = 0
  usage.swappedPages = 0
  for (let index = namespace.highest; index >= 0; index--) {
    const segment = changetype<Segment>(atIndex(namespace, index))
    if (!segment) continue
    usage.residentPages += segment.file.inode.pages
    usage.swappedPages += segment.file.inode.swapped
  }
}

/** Holds: Ipc. */
function statLocked(task: Task, id: i32, command: i32): i32 {
  const found = reportPermLocked(task.shm, task, id, command !== IPC_STAT, command === SHM_STAT_ANY)
  if (found < 0) return found
  const segment = changetype<Segment>(findId(task.shm, found))
  const stat = changetype<ShmStat>(Cpu.current.buffer)
  stat.cpid = segment.creator
  stat.lpid = segment.last
  stat.nattch = segment.attachments
  stat.segsz = segment.bytes
  stat.atime = segment.attached
  stat.dtime = segment.detached
  stat.ctime = segment.changed
  return command === IPC_STAT ? 0 : found
}

/** IPC_RMID: destroys a segment, or marks it if it is attached. Holds: Ipc. */
function markLocked(task: Task, id: i32): i32 {
  const namespace = task.shm
  const segment = segmentLocked(namespace, id)
  if (!segment) return -EINVAL
  if (!controls(segment, task)) return -EPERM
  if (segment.attachments === 0) {
    destroyLocked(segment)
  } else {
    segment.mode |= SHM_DEST
    removeKey(namespace.buckets, segment)
  }
  return 0
}

/**
 * SHM_LOCK and SHM_UNLOCK. What users have locked is counted by their real uid, whatever the namespace. EPERM
 * for another's segment, or without a right to lock anything; ENOMEM beyond the limit. Holds: Ipc. Takes: Mount.
 */
function pinLocked(task: Task, id: i32, lock: bool): i32 {
  const segment = segmentLocked(task.shm, id)
  if (!segment) return -EINVAL
  const limit = task.mm.limit(RLIMIT_MEMLOCK).softNow
  if (!task.isRoot) {
    if (!owns(segment, task)) return -EPERM
    if (lock && limit === 0) return -EPERM
  }
  const locked = (segment.mode & SHM_LOCKED) !== 0
  const inode = segment.file.inode
  if (lock && !locked) {
    if (!lockPages(inode, task.uid, task.isRoot ? NO_LIMIT : limit >> PAGE_SHIFT)) return -ENOMEM
    segment.mode |= SHM_LOCKED
  } else if (!lock && locked) {
    unlockPages(inode)
    rescuePages(inode)
    segment.mode &= ~SHM_LOCKED
  }
  return 0
}

/** shmctl IPC_SET, of each what is not KEEP. Takes: Ipc. */
export function set(task: Task, id: i32, uid: i64, gid: i64, mode: i64): i32 {
  const namespace = task.shm
  namespace.lock(Rank.Ipc)
  const segment = segmentLocked(namespace, id)
  const error = segment ? updatePerm(segment, task, uid, gid, mode) : -EINVAL
  if (segment && error === 0) segment.changed = now()
  namespace.unlock(Rank.Ipc)
  return error
}
