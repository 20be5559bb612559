// IPC namespaces: the segments, semaphores and queues that a group of processes sees, and the limits on them. A
// namespace lives while a process is in it or a mapping shows a segment of it; what it has goes with it.
import { MQ_MAXMSG, MQ_MSGSIZE, MQ_QUEUES } from '../abi/mqueue'
import { MSGMAX, MSGMNB, MSGMNI } from '../abi/msg'
import { SEMMNI, SEMMNS, SEMMSL, SEMOPM } from '../abi/sem'
import { SHMALL, SHMMAX, SHMMNI } from '../abi/shm'
import { allocObject, Kind } from '../phys/slab'
import { addTo, takeFrom } from '../sync/counter'
import { BUCKETS_SIZE, Ids, initIds } from './ids'

/** A namespace's sets of semaphores; behind it stand the buckets of their keys. Guard: its own lock, Ipc. */
@unmanaged
@final
export class SemIds extends Ids {
  /** kernel.sem: the most semaphores of a set. Like the next three any int, as Linux has it, less than none included. */
  maxPerSet: i32
  /** The most semaphores of all sets. */
  maxTotal: i32
  /** The most operations of a call. */
  maxOperations: i32
  /** The most sets. */
  maxSets: u32
  /** Semaphores of all sets. */
  total: u32

  @inline
  get buckets(): usize {
    return changetype<usize>(this) + offsetof<SemIds>()
  }
}

/** A namespace's message queues; behind it stand the buckets of their keys. Guard: its own lock, Ipc. */
@unmanaged
@final
export class MsgIds extends Ids {
  /** kernel.msgmax: the most bytes of a message. */
  maxBytes: u32
  /** kernel.msgmnb: the most bytes of the messages of a queue that is made. */
  maxQueueBytes: u32
  /** kernel.msgmni: the most queues. */
  maxQueues: u32
  /** Messages of all queues, and their bytes. */
  count: u32
  bytes: u32

  @inline
  get buckets(): usize {
    return changetype<usize>(this) + offsetof<MsgIds>()
  }
}

/** A namespace; behind it stand the buckets of its segments' keys, its semaphores and its queues. Guard, where a field says no other: its own lock, Ipc. */
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
  /** fs.mqueue.queues_max, msg_max, msgsize_max: the most POSIX queues, messages in one and bytes of one, but for root. */
  maxPosixQueues: u32
  maxPosixMessages: u32
  maxPosixBytes: u32
  /** fs.mqueue.msg_default, msgsize_default: of a queue that is made without saying how many. */
  defaultPosixMessages: u32
  defaultPosixBytes: u32
  /** POSIX queues that were made here and are not gone. Guard: Mount of those. */
  posixQueues: u32
  /** References, and the next namespace, that validate() found. */
  tally: u32
  next: u32

  @inline
  get buckets(): usize {
    return changetype<usize>(this) + offsetof<ShmNamespace>()
  }

  /** Where its POSIX queues are counted, by which they know it. */
  @inline
  get posixCounter(): usize {
    return changetype<usize>(this) + offsetof<ShmNamespace>('posixQueues')
  }

  /** Its sets of semaphores. */
  @inline
  get semaphores(): SemIds {
    return changetype<SemIds>(this.buckets + BUCKETS_SIZE)
  }

  /** Its message queues. */
  @inline
  get queues(): MsgIds {
    return changetype<MsgIds>(this.semaphores.buckets + BUCKETS_SIZE)
  }

  /** Size of a namespace with all that stands behind it. */
  @inline
  static get size(): u32 {
    return offsetof<ShmNamespace>() + offsetof<SemIds>() + offsetof<MsgIds>() + 3 * <u32>BUCKETS_SIZE
  }

  /** Gets hold of the namespace. */
  @inline
  addRef(): void {
    addTo<u32>(changetype<usize>(this) + offsetof<ShmNamespace>('refs'), 1)
  }

  /** Lets go of it; says whether nobody holds it any more. */
  @inline
  dropRef(): bool {
    return takeFrom<u32>(changetype<usize>(this) + offsetof<ShmNamespace>('refs'), 1) === 1
  }
}

/** A namespace without segments, semaphores or queues, with Linux's limits and one reference; null if there is no memory. */
export function newNamespace(): ShmNamespace | null {
  const namespace = changetype<ShmNamespace>(allocObject(Kind.Namespace))
  if (!namespace) return null
  namespace.refs = 1
  initIds(namespace)
  namespace.maxSegments = SHMMNI
  namespace.maxBytes = SHMMAX
  namespace.maxPages = SHMALL
  const semaphores = namespace.semaphores
  initIds(semaphores)
  semaphores.maxPerSet = SEMMSL
  semaphores.maxTotal = SEMMNS
  semaphores.maxOperations = SEMOPM
  semaphores.maxSets = SEMMNI
  const queues = namespace.queues
  initIds(queues)
  queues.maxBytes = MSGMAX
  queues.maxQueueBytes = MSGMNB
  queues.maxQueues = MSGMNI
  namespace.maxPosixQueues = MQ_QUEUES
  namespace.maxPosixMessages = MQ_MAXMSG
  namespace.maxPosixBytes = MQ_MSGSIZE
  namespace.defaultPosixMessages = MQ_MAXMSG
  namespace.defaultPosixBytes = MQ_MSGSIZE
  return namespace
}
