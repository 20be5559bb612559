// System V segments: an object with an id, permissions and a count of attachments. A segment that
// is marked for destruction goes at the last detach. It stands under address spaces, because a VMA
// that appears or goes counts as an attachment, whoever makes it do so: shmat, fork, a split.
// Takes: Ipc, Mapping.
import { SHM_ATTACH, SHM_DETACH } from '../abi/event'
import { PAGE_SHIFT, PAGE_SIZE, SHM } from '../abi/layout'
import { SHM_DEST } from '../abi/shm'
import { File, putFile } from '../map/file'
import { freeObject, Kind } from '../phys/slab'
import { TraceEvent } from '../phys/trace'
import { now } from '../sync/host'
import { Rank } from '../sync/lockdep'
import { Ids, remove } from './ids'
import { IpcPerm } from './perm'

/** A segment. Guard, where a field says no other: Ipc. */
@unmanaged
@final
export class Segment extends IpcPerm {
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

  /** Pages of the segment. */
  @inline
  get pages(): u32 {
    return <u32>((<u64>this.bytes + (PAGE_SIZE - 1)) >> PAGE_SHIFT)
  }
}

/** The one namespace; behind it stand the buckets of its keys. */
@unmanaged
@final
export class ShmNamespace extends Ids {
  /** Pages of all segments. */
  totalPages: u32

  @inline
  static get only(): ShmNamespace {
    return changetype<ShmNamespace>(SHM)
  }

  @inline
  get buckets(): usize {
    return changetype<usize>(this) + offsetof<ShmNamespace>()
  }
}

/** Counts a VMA that shows the segment from now on, in process `pid`. Takes: Ipc. */
export function openAttachment(segment: Segment, pid: u32): void {
  const namespace = ShmNamespace.only
  namespace.lock(Rank.Ipc)
  segment.attachments++
  segment.attached = now()
  segment.last = pid
  TraceEvent.note(SHM_ATTACH, segment.id, <u32>segment.key)
  namespace.unlock(Rank.Ipc)
}

/** Counts a VMA that is gone. Takes: Ipc, Mapping. */
export function closeAttachment(segment: Segment, pid: u32): void {
  const namespace = ShmNamespace.only
  namespace.lock(Rank.Ipc)
  segment.last = pid
  segment.detached = now()
  TraceEvent.note(SHM_DETACH, segment.id, <u32>segment.key)
  dropAttachmentLocked(segment)
  namespace.unlock(Rank.Ipc)
}

/** Counts one attachment less, and destroys a marked segment with the last. Holds: Ipc. */
export function dropAttachmentLocked(segment: Segment): void {
  segment.attachments--
  if (segment.attachments === 0 && (segment.mode & SHM_DEST) !== 0) destroyLocked(segment)
}

/** Takes a segment out of the namespace and frees it. Holds: Ipc. Takes: Mapping. */
export function destroyLocked(segment: Segment): void {
  const namespace = ShmNamespace.only
  remove(namespace, namespace.buckets, segment)
  namespace.totalPages -= segment.pages
  putFile(segment.file)
  freeObject(Kind.Segment, changetype<usize>(segment))
}
