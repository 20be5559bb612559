// IPC namespaces: the segments that a group of processes sees, and the limits on them. A namespace
// lives while a process is in it or a mapping shows a segment of it; its segments go with it.
import { SHMALL, SHMMAX, SHMMNI } from '../abi/shm'
import { allocObject, Kind } from '../phys/slab'
import { BUCKETS_SIZE, Ids } from './ids'

/** A namespace; behind it stand the buckets of its keys. Guard, where a field says no other: its own lock, Ipc. */
@unmanaged
@final
export class ShmNamespace extends Ids {
  /** Processes in it, and attachments of its segments. Guard: atomic; who takes the last away frees it. */
  refs: u32
  /** kernel.shmmni: the most segments. */
  maxSegments: u32
  /** kernel.shmmax: the most bytes of a segment that is made. */
  maxBytes: u64
  /** kernel.shmall: the most pages of all segments. */
  maxPages: u64
  /** Pages of all segments. */
  totalPages: u64
  /** kernel.shm_rmid_forced: whether a segment goes at the last detach, or with the process that made it. */
  forced: u32
  /** References, and the next namespace, that validate() found. */
  tally: u32
  next: u32

  @inline
  get buckets(): usize {
    return changetype<usize>(this) + offsetof<ShmNamespace>()
  }

  /** Size of a namespace with its buckets. */
  @inline
  static get size(): u32 {
    return offsetof<ShmNamespace>() + <u32>BUCKETS_SIZE
  }

  /** Gets hold of the namespace. */
  @inline
  addRef(): void {
    atomic.add<u32>(changetype<usize>(this), 1, offsetof<ShmNamespace>('refs'))
  }

  /** Lets go of it; says whether nobody holds it any more. */
  @inline
  dropRef(): bool {
    return atomic.sub<u32>(changetype<usize>(this), 1, offsetof<ShmNamespace>('refs')) === 1
  }
}

/** A namespace without segments, with Linux's limits and one reference; null if there is no memory. */
export function newNamespace(): ShmNamespace | null {
  const namespace = changetype<ShmNamespace>(allocObject(Kind.Namespace))
  if (!namespace) return null
  namespace.refs = 1
  namespace.highest = -1
  namespace.lastIndex = -1
  namespace.maxSegments = SHMMNI
  namespace.maxBytes = SHMMAX
  namespace.maxPages = SHMALL
  return namespace
}
