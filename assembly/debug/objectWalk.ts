// Walks over mounts, inodes, their pages and VMAs, and segments for the host, as debug/walk.
import { NAME_MAX } from '../abi/fcntl'
import { BUFFER_SIZE, PAGE_SHIFT } from '../abi/layout'
import { atIndex } from '../ipc/ids'
import { IpcPerm } from '../ipc/perm'
import { MsgQueue } from '../ipc/queue'
import { Segment } from '../ipc/segment'
import { countWaitersLocked, SemSet } from '../ipc/semaphore'
import { Dentry } from '../map/dentry'
import { Family } from '../map/family'
import { File } from '../map/file'
import { Inode } from '../map/inode'
import { MOUNT_COUNT, Mount } from '../map/mount'
import { radixGet, radixNext } from '../map/radix'
import { entryOf, isShadow, isValue } from '../map/swapEntry'
import { Vma } from '../map/vma'
import { Mm } from '../mm/space'
import { Frame } from '../phys/frame'
import { viewedNamespace } from '../proc/view'
import { Cpu } from '../sync/cpu'
import {
  InodeRecord,
  MountRecord,
  MsgQueueRecord,
  ObjectPageRecord,
  ObjectVmaRecord,
  PermRecord,
  SegmentRecord,
  SemRecord,
  SemSetRecord,
} from './records'

/** The mount with an index; false if there is none. */
export function recordMount(index: u32): bool {
  if (index >= MOUNT_COUNT || Mount.at(index).device === 0) return false
  const mount = Mount.at(index)
  const record = changetype<MountRecord>(Cpu.current.buffer)
  record.mount = changetype<u32>(mount)
  record.device = mount.device
  record.inodes = mount.inodes
  record.maxInodes = mount.maxInodes
  record.blocks = mount.blocks
  record.maxBlocks = mount.maxBlocks
  return true
}

/** The inode of a mount behind the one at an address, the first if that is 0; false if there is none. */
export function recordInode(mountAddress: u32, address: u32): bool {
  const mount = changetype<Mount>(mountAddress)
  const link = address === 0 ? mount.list.next : changetype<Inode>(address).inMount.next
  if (link === mount.list) return false
  recordInodeAt(changetype<u32>(Inode.ofMount(link)))
  return true
}

/** The inode at an address that a record gave. */
export function recordInodeAt(address: u32): void {
  const inode = changetype<Inode>(address)
  const mount = inode.mount
  const record = changetype<InodeRecord>(Cpu.current.buffer)
  record.inode = address
  record.mount = changetype<u32>(mount)
  record.device = mount.device
  record.use = inode.use
  record.tag = inode.tag
  record.number = inode.number
  record.mode = inode.mode
  record.uid = inode.uid
  record.gid = inode.gid
  record.links = inode.links
  record.refs = inode.refs
  record.pages = inode.pages
  record.swapped = inode.swapped
  record.bytes = <f64>inode.bytes
  record.accessed = inode.accessed
  record.modified = inode.modified
  record.changed = inode.changed
}

/**
 * The path of an open file, at the end of the CPU's buffer, with " (deleted)" if the name is gone, as
 * d_path has it; returns its bytes, 0 if the file has no name.
 */
export function recordPath(address: u32): u32 {
  let dentry: Dentry | null = changetype<File>(address).dentry
  if (!dentry) return 0
  const end = Cpu.current.buffer + BUFFER_SIZE
  let at = dentry.named || isRoot(dentry) ? end : end - putDeleted(end)
  while (dentry && at > Cpu.current.buffer + NAME_MAX) {
    if (isRoot(dentry)) {
      dentry = changetype<Dentry>(dentry.inode.mount.point)
      continue
    }
    at -= dentry.length
    memory.copy(at, dentry.name, dentry.length)
    store<u8>(--at, 0x2f)
    dentry = dentry.parent
  }
  if (at === end) store<u8>(--at, 0x2f)
  return <u32>(end - at)
}

/** Whether a dentry is the root of its mount, and has no name there. */
function isRoot(dentry: Dentry): bool {
  return dentry.inode.mount.root === changetype<usize>(dentry)
}

/** Writes " (deleted)" before an address; returns how long that is. */
function putDeleted(end: usize): usize {
  store<u16>(end - 10, 0x2820)
  store<u64>(end - 8, 0x29646574656c6564)
  return 10
}

/** The pages of the inode at an address, from an index on. */
export function recordObjectPages(address: u32, index: u32): u32 {
  const inode = changetype<Inode>(address)
  const room: u32 = BUFFER_SIZE / offsetof<ObjectPageRecord>()
  let count: u32 = 0
  for (let at = radixNext(inode.root, index); at >= 0 && count < room; at = radixNext(inode.root, <u32>at + 1)) {
    const found = radixGet(inode.root, <u32>at)
    // what is on a disk alone is no page
    if (!isShadow(found)) {
      const record = changetype<ObjectPageRecord>(Cpu.current.buffer + <usize>(count * offsetof<ObjectPageRecord>()))
      record.index = <u32>at
      record.frame = isValue(found) ? 0 : changetype<Frame>(found).pfn
      record.swap = isValue(found) ? entryOf(found) : 0
      count++
    }
    if (at === 0xffffffff) break
  }
  return count
}

/** The VMAs that show the inode at an address, from behind the one at `after`, or all if that is 0. */
export function recordObjectVmas(address: u32, after: u32): u32 {
  const list = changetype<Inode>(address).vmas
  const room: u32 = BUFFER_SIZE / offsetof<ObjectVmaRecord>()
  let link = after === 0 ? list.next : changetype<Vma>(after).shared.next
  let count: u32 = 0
  for (; link !== list && count < room; link = link.next) recordObjectVma(count++, Vma.ofShared(link))
  return count
}

/** The VMAs of the family at an address, from behind the one at `after`, or all if that is 0. */
export function recordFamilyVmas(address: u32, after: u32): u32 {
  const list = changetype<Family>(address)
  const room: u32 = BUFFER_SIZE / offsetof<ObjectVmaRecord>()
  let link = after === 0 ? list.next : changetype<Vma>(after).kin.next
  let count: u32 = 0
  for (; link !== list && count < room; link = link.next) recordObjectVma(count++, Vma.ofKin(link))
  return count
}

function recordObjectVma(index: u32, vma: Vma): void {
  const record = changetype<ObjectVmaRecord>(Cpu.current.buffer + <usize>(index * offsetof<ObjectVmaRecord>()))
  record.start = <f64>(vma.start << PAGE_SHIFT)
  record.vma = changetype<u32>(vma)
  record.pid = changetype<Mm>(vma.space).pid
}

/** Fills the head of an IPC object's record. */
function recordPerm(record: PermRecord, perm: IpcPerm): void {
  record.id = perm.id
  record.key = perm.key
  record.uid = perm.uid
  record.gid = perm.gid
  record.cuid = perm.cuid
  record.cgid = perm.cgid
  record.mode = perm.mode
}

/** The segment at an index in the IPC namespace that is looked at; false if there is none. */
export function recordSegment(index: u32): bool {
  const segment = changetype<Segment>(atIndex(viewedNamespace(), index))
  if (!segment) return false
  const record = changetype<SegmentRecord>(Cpu.current.buffer)
  recordPerm(record, segment)
  record.creator = segment.creator
  record.last = segment.last
  record.attachments = segment.attachments
  record.inode = changetype<u32>(segment.file.inode)
  record.bytes = segment.bytes
  record.attached = segment.attached
  record.detached = segment.detached
  record.changed = segment.changed
  return true
}

/** The set of semaphores at an index in the IPC namespace that is looked at; false if there is none. */
export function recordSemaphores(index: u32): bool {
  const set = changetype<SemSet>(atIndex(viewedNamespace().semaphores, index))
  if (!set) return false
  const record = changetype<SemSetRecord>(Cpu.current.buffer)
  recordPerm(record, set)
  record.count = set.count
  record.operated = set.operated
  record.changed = set.changed
  return true
}

/** The semaphores of the set at an index, from one on. Nothing else runs. */
export function recordValues(index: u32, first: u32): u32 {
  const set = changetype<SemSet>(atIndex(viewedNamespace().semaphores, index))
  if (!set) return 0
  const room: u32 = BUFFER_SIZE / offsetof<SemRecord>()
  const count = first < set.count ? min(set.count - first, room) : 0
  for (let i: u32 = 0; i < count; i++) {
    const record = changetype<SemRecord>(Cpu.current.buffer + <usize>(i * offsetof<SemRecord>()))
    record.value = set.at(first + i).value
    record.pid = set.at(first + i).pid
    record.forMore = countWaitersLocked(set, first + i, false)
    record.forZero = countWaitersLocked(set, first + i, true)
  }
  return count
}

/** The message queue at an index in the IPC namespace that is looked at; false if there is none. */
export function recordQueue(index: u32): bool {
  const queue = changetype<MsgQueue>(atIndex(viewedNamespace().queues, index))
  if (!queue) return false
  const record = changetype<MsgQueueRecord>(Cpu.current.buffer)
  recordPerm(record, queue)
  record.bytes = queue.bytes
  record.count = queue.count
  record.most = <f64>queue.most
  record.sender = queue.sender
  record.receiver = queue.receiver
  record.sent = queue.sent
  record.received = queue.received
  record.changed = queue.changed
  return true
}
