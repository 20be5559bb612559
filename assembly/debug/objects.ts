// validate(): inodes, found through their mount, and the files that open them. References
// are counted in the `tally` of each: of a file by its VMAs and segment, of an inode by its files.
import { BROKEN_DESCRIPTORS, BROKEN_DISK, BROKEN_LOCK, BROKEN_OBJECT, BROKEN_REFERENCES, BROKEN_SWAP, BROKEN_TREE } from '../abi/invariant'
import { IPC_MAX, PID_MAX } from '../abi/layout'
import { ShmNamespace } from '../ipc/namespace'
import { Waiter } from '../ipc/waiter'
import { File } from '../map/file'
import { Inode } from '../map/inode'
import { MOUNT_COUNT, Mount } from '../map/mount'
import { radixGet, radixNext, radixNodes } from '../map/radix'
import { entryOf, isShadow, isValue } from '../map/swapEntry'
import { Vma } from '../map/vma'
import { Frame, PG_DIRTY, PG_SWAPBACKED, State } from '../phys/frame'
import { Cache, Kind } from '../phys/slab'
import { livingTask, Task, Thread } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { checkDisk } from './disks'
import { tallyHeld } from './frames'
import { checkNames, Pass, visitDentry, visitNames } from './names'
import { nextNamespace, nextSegment } from './namespaces'
import { tallyQueueNames } from './posixQueues'
import { broken } from './report'
import { tallySwap } from './swap'

/** Takes one reference to a file into account; false if the file counts others. */
function visit(file: File, pass: Pass): bool {
  if (pass === Pass.Compare) return file.tally === file.refs
  const dentry = file.dentry
  const first = pass === Pass.Reset || file.tally === 0
  file.tally = pass === Pass.Reset ? 0 : file.tally + 1
  if (!first) return true
  if (pass === Pass.Count) file.inode.tally++
  return !dentry || visitDentry(dentry, pass)
}

/** Takes the references of a process into account, as visitFiles. */
function visitTask(task: Task, pass: Pass): u32 {
  const list = task.mm.list
  for (let link = list.next; link !== list; link = link.next) {
    const file = changetype<Vma>(link).file
    if (file && !visit(file, pass)) return changetype<u32>(file)
  }
  const table = task.descriptors
  for (let fd = radixNext(table.root, 0); fd >= 0; fd = radixNext(table.root, <u32>fd + 1)) {
    const file = changetype<File>(table.fileAtLocked(<i32>fd))
    if (!visit(file, pass)) return changetype<u32>(file)
  }
  for (let thread = task.threads.next; thread !== task.threads; thread = thread.next) {
    const own = changetype<Thread>(thread).waiters
    for (let link = own.next; link !== own; link = link.next) {
      const file = Waiter.ofOwn(link).file
      if (file && !visit(file, pass)) return changetype<u32>(file)
    }
  }
  return 0
}

/** Takes all references to files and names into account; returns the address of a thing that counts others, 0 if there is none. */
function visitFiles(pass: Pass, head: ShmNamespace | null): u32 {
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    const found: u32 = task ? visitTask(task, pass) : 0
    if (found !== 0) return found
  }
  let namespace = head
  while (namespace) {
    let segment = nextSegment(namespace, 0)
    while (segment) {
      if (!visit(segment.file, pass)) return changetype<u32>(segment.file)
      segment = nextSegment(namespace, (segment.id & (IPC_MAX - 1)) + 1)
    }
    namespace = nextNamespace(namespace)
  }
  return visitNames(pass)
}

/** Every inode, file and name: their pages, references, and that there are as many inodes as their cache holds. */
export function checkObjects(head: ShmNamespace | null): u32 {
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const list = Mount.at(index).list
    for (let link = list.next; link !== list; link = link.next) Inode.ofMount(link).tally = 0
  }
  visitFiles(Pass.Reset, head)
  visitFiles(Pass.Count, head)
  tallyQueueNames()
  const wrong = visitFiles(Pass.Compare, head)
  if (wrong !== 0) return broken(BROKEN_REFERENCES, wrong, 0)
  let inodes: u32 = 0
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const found = checkMount(Mount.at(index))
    if (found !== 0) return found
    inodes += Mount.at(index).inodes
  }
  const nodes = countNodes(head)
  if (nodes !== Cache.of(Kind.Node).active) return broken(BROKEN_TREE, nodes, Cache.of(Kind.Node).active)
  const active = Cache.of(Kind.Inode).active
  return inodes === active ? checkNames() : broken(BROKEN_OBJECT, inodes, active)
}

/** Nodes of all radix trees: of inodes' pages, of descriptors, of segments, of semaphores, of queues; more than there can be if one is broken. */
function countNodes(head: ShmNamespace | null): u32 {
  let nodes: u64 = 0
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const list = Mount.at(index).list
    for (let link = list.next; link !== list; link = link.next) {
      const inode = Inode.ofMount(link)
      nodes += radixNodes(inode.root) + radixNodes(inode.stored)
    }
  }
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (task) nodes += radixNodes(task.descriptors.root)
  }
  let namespace = head
  while (namespace) {
    nodes += radixNodes(namespace.root) + radixNodes(namespace.semaphores.root) + radixNodes(namespace.queues.root)
    namespace = nextNamespace(namespace)
  }
  return <u32>min<u64>(nodes, 0xffffffff)
}

/** The descriptors of a process. */
export function checkDescriptors(task: Task): u32 {
  const table = task.descriptors
  for (let fd: u32 = 0; fd < table.lowest; fd++) if (!table.fileAtLocked(fd)) return broken(BROKEN_DESCRIPTORS, task.pid, fd)
  return table.isHeld ? broken(BROKEN_LOCK, Rank.Files, task.pid) : 0
}

/** The inodes of a mount, once references to them are counted. */
function checkMount(mount: Mount): u32 {
  let inodes: u32 = 0
  let pages: u32 = 0
  if (mount.isHeld) return broken(BROKEN_OBJECT, mount.device, mount.inodes)
  for (let link = mount.list.next; link !== mount.list; link = link.next) {
    const inode = Inode.ofMount(link)
    inodes++
    pages += inode.isDisk ? inode.blocks : inode.pages + inode.swapped
    if (inode.mount !== mount || inode.tally !== inode.refs) return broken(BROKEN_REFERENCES, changetype<u32>(inode), inode.refs)
    const found = checkInode(inode)
    if (found !== 0) return found
  }
  if (inodes !== mount.inodes || pages !== mount.blocks) return broken(BROKEN_OBJECT, inodes, pages)
  return mount.isDisk ? checkDisk(mount) : 0
}

/** One inode: its pages and its VMAs. */
function checkInode(inode: Inode): u32 {
  let pages: u32 = 0
  let swapped: u32 = 0
  let shadows: u32 = 0
  let dirty: u32 = 0
  for (let index = radixNext(inode.root, 0); index >= 0; index = index === 0xffffffff ? -1 : radixNext(inode.root, <u32>index + 1)) {
    const found = radixGet(inode.root, <u32>index)
    if (isShadow(found) && inode.isDisk) {
      shadows++
      continue
    }
    if (isValue(found)) {
      if (!tallySwap(entryOf(found))) return broken(BROKEN_SWAP, entryOf(found), <u32>index)
      swapped++
      continue
    }
    const frame = changetype<Frame>(found)
    const owned = frame.state === State.Object && frame.owner === changetype<u32>(inode) && <u32>frame.index === <u32>index
    const right = owned && frame.has(PG_SWAPBACKED) !== inode.isDisk
    if (inode.isDisk && frame.has(PG_DIRTY)) {
      if (radixGet(inode.stored, <u32>index) === 0) return broken(BROKEN_DISK, inode.number, <u32>index)
      dirty++
    }
    // pages may be reserved behind the end, and twice, but nothing maps them there
    const placed = <u64>index < inode.length || frame.mapCount === 0
    if (!right || !placed || !tallyHeld(frame.pfn)) return broken(BROKEN_OBJECT, <u32>index, frame.pfn)
    pages++
  }
  for (let link = inode.vmas.next; link !== inode.vmas; link = link.next) {
    if (Vma.ofShared(link).object !== inode) return broken(BROKEN_OBJECT, changetype<u32>(inode), pages)
  }
  inode.vmas.checkedLength(Cache.of(Kind.Vma).active)
  const counted = pages === inode.pages && swapped === inode.swapped && shadows === inode.shadows && dirty === inode.dirty
  return counted && !inode.isHeld ? 0 : broken(BROKEN_OBJECT, pages, inode.pages)
}
