// validate(): inodes, found through their mount, the files that open them, and segments. References
// are counted in the `tally` of each: of a file by its VMAs and segment, of an inode by its files.
import { BROKEN_ATTACH, BROKEN_NAMESPACE, BROKEN_OBJECT, BROKEN_REFERENCES } from '../abi/invariant'
import { PID_MAX } from '../abi/layout'
import { IPC_PRIVATE } from '../abi/shm'
import { atIndex, findKey } from '../ipc/ids'
import { Segment, ShmNamespace } from '../ipc/segment'
import { File } from '../map/file'
import { Inode } from '../map/inode'
import { Mount } from '../map/mount'
import { radixGet, radixNext } from '../map/radix'
import { Vma } from '../map/vma'
import { Frame, State } from '../phys/frame'
import { Cache, Kind } from '../phys/slab'
import { livingTask } from '../proc/task'
import { tallyHeld } from './frames'
import { broken } from './report'

/** How a walk over all references to files treats each. */
enum Pass {
  /** Forgets what was counted before. */
  Reset,
  /** Counts a reference; with the first, one of the file to its inode. */
  Count,
  /** Compares what was counted with what the file counts. */
  Compare,
}

/** Takes one reference to a file into account; false if the file counts others. */
function visit(file: File, pass: Pass): bool {
  if (pass === Pass.Reset) file.tally = 0
  else if (pass === Pass.Count) {
    if (file.tally++ === 0) file.inode.tally++
  } else return file.tally === file.refs
  return true
}

/** Takes all references to files into account; returns the address of one that counts others, 0 if there is none. */
function visitFiles(pass: Pass, limit: u32): u32 {
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (!task) continue
    const list = task.mm.list
    for (let link = list.next; link !== list; link = link.next) {
      const file = changetype<Vma>(link).file
      if (file && !visit(file, pass)) return changetype<u32>(file)
    }
  }
  for (let index: u32 = 0; index < limit; index++) {
    const segment = changetype<Segment>(atIndex(ShmNamespace.only, index))
    if (segment && !visit(segment.file, pass)) return changetype<u32>(segment.file)
  }
  return 0
}

/** Every inode and file: their pages, references, and that there are as many as their caches hold. */
export function checkObjects(limit: u32): u32 {
  const mount = Mount.internal
  for (let link = mount.list.next; link !== mount.list; link = link.next) Inode.ofMount(link).tally = 0
  visitFiles(Pass.Reset, limit)
  visitFiles(Pass.Count, limit)
  const file = visitFiles(Pass.Compare, limit)
  if (file !== 0) return broken(BROKEN_REFERENCES, file, changetype<File>(file).refs)
  const found = checkMount(mount)
  if (found !== 0) return found
  const inodes = Cache.of(Kind.Inode).active
  return inodes === mount.inodes ? 0 : broken(BROKEN_OBJECT, inodes, mount.inodes)
}

/** The inodes of a mount, once references to them are counted. */
function checkMount(mount: Mount): u32 {
  let inodes: u32 = 0
  if (mount.isHeld) return broken(BROKEN_OBJECT, mount.device, mount.inodes)
  for (let link = mount.list.next; link !== mount.list; link = link.next) {
    const inode = Inode.ofMount(link)
    inodes++
    if (inode.mount !== mount || inode.tally !== inode.refs) return broken(BROKEN_REFERENCES, changetype<u32>(inode), inode.refs)
    const found = checkInode(inode)
    if (found !== 0) return found
  }
  return inodes === mount.inodes ? 0 : broken(BROKEN_OBJECT, inodes, mount.inodes)
}

/** One inode: its pages and its VMAs. */
function checkInode(inode: Inode): u32 {
  let pages: u32 = 0
  for (let index = radixNext(inode.root, 0); index >= 0; ) {
    const frame = changetype<Frame>(radixGet(inode.root, <u32>index))
    const right = frame.state === State.Object && frame.owner === changetype<u32>(inode) && frame.index === <u64>index
    if (!right || <u64>index >= inode.length || !tallyHeld(frame.pfn)) return broken(BROKEN_OBJECT, <u32>index, frame.pfn)
    pages++
    if (index === 0xffffffff) break
    index = radixNext(inode.root, <u32>index + 1)
  }
  for (let link = inode.vmas.next; link !== inode.vmas; link = link.next) {
    if (Vma.ofShared(link).object !== inode) return broken(BROKEN_OBJECT, changetype<u32>(inode), pages)
  }
  inode.vmas.checkedLength(Cache.of(Kind.Vma).active)
  return pages === inode.pages && !inode.isHeld ? 0 : broken(BROKEN_OBJECT, pages, inode.pages)
}

/** How many VMAs show an attachment of the segment. */
function attachmentsOf(segment: Segment): u32 {
  const list = segment.file.inode.vmas
  let count: u32 = 0
  for (let link = list.next; link !== list; link = link.next) {
    if (Vma.ofShared(link).segment === changetype<u32>(segment)) count++
  }
  return count
}

/** Every segment: its attachments, its key; and the namespace's sums. */
export function checkSegments(limit: u32): u32 {
  const namespace = ShmNamespace.only
  let segments: u32 = 0
  let pages: u32 = 0
  for (let index: u32 = 0; index < limit; index++) {
    const segment = changetype<Segment>(atIndex(namespace, index))
    if (!segment) continue
    if (attachmentsOf(segment) !== segment.attachments) return broken(BROKEN_ATTACH, segment.id, segment.attachments)
    const byKey = segment.key === IPC_PRIVATE || findKey(namespace.buckets, segment.key) === segment
    if (!byKey || (<u32>segment.id & (limit - 1)) !== index) return broken(BROKEN_ATTACH, segment.id, index)
    segments++
    pages += segment.pages
  }
  const right = segments === namespace.inUse && pages === namespace.totalPages && Cache.of(Kind.Segment).active === segments
  return right ? 0 : broken(BROKEN_NAMESPACE, segments, pages)
}
