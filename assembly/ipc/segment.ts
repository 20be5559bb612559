// System V segments: an object with an id, permissions and a count of attachments. A segment that
// is marked for destruction goes at the last detach. It stands under address spaces, because a VMA
// that appears or goes counts as an attachment, whoever makes it do so: shmat, fork, a split.
// Takes: Ipc, Mapping.
import { SHM_ATTACH, SHM_DETACH } from '../abi/event'
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { SHM_DEST } from '../abi/shm'
import { Link } from '../lib/list'
import { File, putFile } from '../map/file'
import { unlockPages } from '../map/inode'
import { freeObject, Kind } from '../phys/slab'
import { TraceEvent } from '../phys/trace'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { atIndex, remove } from './ids'
import { ShmNamespace } from './namespace'
import { IpcPerm } from './perm'
import { dropPosixQueues } from './posixQueue'
import { destroyQueues } from './queue'
import { destroySets } from './semaphore'

/** A segment. Guard, where a field says no other: Ipc. */
@unmanaged
@final
export class Segment extends IpcPerm {
  /** Where it has its id and key. Guard: immutable. */
  namespace: ShmNamespace
  /** The open file whose inode holds the pages; holds a reference. Guard: immutable. */
  file: File
  /** Size asked for, in bytes. Guard: immutable. */
  bytes: f64
  /** Seconds since 1970 of the last attach, detach and change. */
  attached: f64
  detached: f64
  changed: f64
  /** Process ids of the creator and of whoever attached or detached last. */
  creator: u32
  last: u32
  /** VMAs that show the segment, and attachments being made. */
  attachments: u32
  /** Neighbours among the segments that its maker made; itself once that process has ended or left the namespace. */
  madePrev: Link
  madeNext: Link

  @inline
  get made(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Segment>('madePrev'))
  }

  @inline
  static ofMade(link: Link): Segment {
    return changetype<Segment>(changetype<usize>(link) - offsetof<Segment>('madePrev'))
  }

  /** Pages of the segment. */
  @inline
  get pages(): u32 {
    return <u32>((<u64>this.bytes + (PAGE_SIZE - 1)) >> PAGE_SHIFT)
  }
}

/** Counts a VMA that shows the segment from now on, in process `pid`. Takes: Ipc. */
export function openAttachment(segment: Segment, pid: u32): void {
  const namespace = segment.namespace
  namespace.addRef()
  namespace.lock(Rank.Ipc)
  segment.attachments++
  segment.attached = now()
  segment.last = pid
  TraceEvent.note(SHM_ATTACH, segment.id, <u32>segment.key)
  namespace.unlock(Rank.Ipc)
}

/** Counts a VMA that is gone. Takes: Ipc, Mapping. */
export function closeAttachment(segment: Segment, pid: u32): void {
  const namespace = segment.namespace
  namespace.lock(Rank.Ipc)
  segment.last = pid
  segment.detached = now()
  TraceEvent.note(SHM_DETACH, segment.id, <u32>segment.key)
  dropAttachmentLocked(segment)
  namespace.unlock(Rank.Ipc)
  putNamespace(namespace)
}

/** Counts one attachment less, and destroys a segment that goes with the last. Holds: Ipc. */
export function dropAttachmentLocked(segment: Segment): void {
  segment.attachments--
  destroyIfDueLocked(segment)
}

/** Destroys a segment that nobody has attached, if it is marked or its namespace keeps none such. Holds: Ipc. */
function destroyIfDueLocked(segment: Segment): void {
  const due = (segment.mode & SHM_DEST) !== 0 || segment.namespace.forced !== 0
  if (segment.attachments === 0 && due) destroyLocked(segment)
}

/** Takes a segment out of its namespace and frees it. Holds: Ipc. Takes: Mapping. */
export function destroyLocked(segment: Segment): void {
  const namespace = segment.namespace
  remove(namespace, namespace.buckets, segment)
  namespace.totalPages -= segment.pages
  segment.made.unlink()
  unlockPages(segment.file.inode)
  putFile(segment.file)
  freeObject(Kind.Segment, changetype<usize>(segment))
}

/** Notes that the process that made the segments in this list leaves their namespace: exit_shm. Takes: Ipc. */
export function orphanSegments(namespace: ShmNamespace, list: Link): void {
  namespace.lock(Rank.Ipc)
  while (!list.isEmpty) {
    const segment = Segment.ofMade(list.next)
    segment.made.unlink()
    segment.made.reset()
    if (namespace.forced !== 0) destroyIfDueLocked(segment)
  }
  namespace.unlock(Rank.Ipc)
}

/** Sets kernel.shm_rmid_forced: once it is on, segments go that nobody has attached and whose maker is gone. Takes: Ipc. */
export function setForced(namespace: ShmNamespace, forced: u32): void {
  namespace.lock(Rank.Ipc)
  namespace.forced = forced
  for (let index = namespace.highest; forced !== 0 && index >= 0; index--) {
    const segment = changetype<Segment>(atIndex(namespace, index))
    const orphaned = segment ? segment.made.isEmpty : false
    if (orphaned) destroyIfDueLocked(segment)
  }
  namespace.unlock(Rank.Ipc)
}

/** Lets go of a namespace; the last one destroys its segments, which nobody has attached any more, semaphores and queues. Takes: Ipc. */
export function putNamespace(namespace: ShmNamespace): void {
  if (!namespace.dropRef()) return
  namespace.lock(Rank.Ipc)
  while (namespace.highest >= 0) destroyLocked(changetype<Segment>(atIndex(namespace, namespace.highest)))
  namespace.unlock(Rank.Ipc)
  destroySets(namespace.semaphores)
  destroyQueues(namespace.queues)
  dropPosixQueues(namespace)
  freeObject(Kind.Namespace, changetype<usize>(namespace))
}
