// Reading and changing the machine's settings, with the ranges of Linux's kernel/sysctl.c,
// mm/util.c and ipc/ipc_sysctl.c; those of IPC objects belong to the namespace that is looked at. Takes: Ipc.
// What crosses the border is a f64; a setting beyond 2^53 is right to that precision.
import { EINVAL, ERANGE } from '../abi/errno'
import { IPC_MAX, PID_MAX } from '../abi/layout'
import { MQ_HARD_MAXMSG, MQ_HARD_MSGSIZE, MQ_MIN_MSGSIZE } from '../abi/mqueue'
import {
  FS_MQUEUE_MSG_DEFAULT,
  FS_MQUEUE_MSG_MAX,
  FS_MQUEUE_MSGSIZE_DEFAULT,
  FS_MQUEUE_MSGSIZE_MAX,
  FS_MQUEUE_QUEUES_MAX,
  KERNEL_MSGMAX,
  KERNEL_MSGMNB,
  KERNEL_MSGMNI,
  KERNEL_PID_MAX,
  KERNEL_SEM,
  KERNEL_SHM_RMID_FORCED,
  KERNEL_SHMALL,
  KERNEL_SHMMAX,
  KERNEL_SHMMNI,
  VM_ADMIN_RESERVE_KBYTES,
  VM_MAX_MAP_COUNT,
  VM_MMAP_MIN_ADDR,
  VM_OVERCOMMIT_KBYTES,
  VM_OVERCOMMIT_MEMORY,
  VM_OVERCOMMIT_RATIO,
  VM_PAGE_CLUSTER,
  VM_SWAPPINESS,
  VM_USER_RESERVE_KBYTES,
} from '../abi/sysctl'
import { SemIds } from '../ipc/namespace'
import { setForced } from '../ipc/segment'
import { Sysctl } from '../phys/sysctl'
import { viewedNamespace } from '../proc/view'

/** The largest int, which limits several settings. */
const INT_MAX: f64 = 0x7fffffff
/** The end of the unsigned longs. */
const ULONG_END: f64 = 18446744073709551616.0
/** Pids below 300 are for the system; Linux asks for one more. */
const PID_MAX_MIN: f64 = 301

/** The value of a setting; NaN if there is none with this number. */
export function getSetting(setting: u32): f64 {
  const sysctl = Sysctl.only
  const namespace = viewedNamespace()
  switch (setting) {
    case KERNEL_PID_MAX:
      return sysctl.pidMax
    case KERNEL_SHMMAX:
      return <f64>namespace.maxBytes
    case KERNEL_SHMALL:
      return <f64>namespace.maxPages
    case KERNEL_SHMMNI:
      return namespace.maxSegments
    case KERNEL_SHM_RMID_FORCED:
      return namespace.forced
    case KERNEL_SEM:
      return namespace.semaphores.maxPerSet
    case KERNEL_SEM + 1:
      return namespace.semaphores.maxTotal
    case KERNEL_SEM + 2:
      return namespace.semaphores.maxOperations
    case KERNEL_SEM + 3:
      return namespace.semaphores.maxSets
    case KERNEL_MSGMAX:
      return namespace.queues.maxBytes
    case KERNEL_MSGMNB:
      return namespace.queues.maxQueueBytes
    case KERNEL_MSGMNI:
      return namespace.queues.maxQueues
    case FS_MQUEUE_QUEUES_MAX:
      return namespace.maxPosixQueues
    case FS_MQUEUE_MSG_MAX:
      return namespace.maxPosixMessages
    case FS_MQUEUE_MSGSIZE_MAX:
      return namespace.maxPosixBytes
    case FS_MQUEUE_MSG_DEFAULT:
      return namespace.defaultPosixMessages
    case FS_MQUEUE_MSGSIZE_DEFAULT:
      return namespace.defaultPosixBytes
    case VM_OVERCOMMIT_MEMORY:
      return sysctl.overcommitMemory
    case VM_OVERCOMMIT_RATIO:
      return sysctl.overcommitRatio
    case VM_OVERCOMMIT_KBYTES:
      return <f64>sysctl.overcommitKbytes
    case VM_MAX_MAP_COUNT:
      return sysctl.maxMapCount
    case VM_MMAP_MIN_ADDR:
      return <f64>sysctl.mmapMinAddr
    case VM_PAGE_CLUSTER:
      return sysctl.pageCluster
    case VM_ADMIN_RESERVE_KBYTES:
      return <f64>sysctl.adminReserveKbytes
    case VM_USER_RESERVE_KBYTES:
      return <f64>sysctl.userReserveKbytes
    case VM_SWAPPINESS:
      return sysctl.swappiness
  }
  return NaN
}

/** Whether a value is in the range of its setting; false for a setting that does not exist. */
function isInRange(setting: u32, value: f64): bool {
  switch (setting) {
    case KERNEL_PID_MAX:
      return value >= PID_MAX_MIN && value <= <f64>PID_MAX
    case KERNEL_SHMMNI:
    case KERNEL_MSGMNI:
      return value >= 0 && value <= <f64>IPC_MAX
    case KERNEL_SHM_RMID_FORCED:
      return value >= 0 && value <= 1
    case VM_OVERCOMMIT_MEMORY:
      return value >= 0 && value <= 2
    case VM_PAGE_CLUSTER:
      return value >= 0 && value <= 31
    case VM_SWAPPINESS:
      return value >= 0 && value <= 200
    case VM_OVERCOMMIT_RATIO:
    case KERNEL_SEM:
    case KERNEL_SEM + 1:
    case KERNEL_SEM + 2:
      return value >= -INT_MAX - 1 && value <= INT_MAX
    case VM_MAX_MAP_COUNT:
    case KERNEL_MSGMAX:
    case KERNEL_MSGMNB:
    case FS_MQUEUE_QUEUES_MAX:
      return value >= 0 && value <= INT_MAX
    case FS_MQUEUE_MSG_MAX:
    case FS_MQUEUE_MSG_DEFAULT:
      return value >= 1 && value <= <f64>MQ_HARD_MAXMSG
    case FS_MQUEUE_MSGSIZE_MAX:
    case FS_MQUEUE_MSGSIZE_DEFAULT:
      return value >= <f64>MQ_MIN_MSGSIZE && value <= <f64>MQ_HARD_MSGSIZE
    case KERNEL_SHMMAX:
    case KERNEL_SHMALL:
    case VM_OVERCOMMIT_KBYTES:
    case VM_MMAP_MIN_ADDR:
    case VM_ADMIN_RESERVE_KBYTES:
    case VM_USER_RESERVE_KBYTES:
      return value >= 0 && value < ULONG_END
  }
  return false
}

/** Sets the limit of semaphores with an index in kernel.sem; ERANGE for too many sets. */
function setSemaphoreLimit(semaphores: SemIds, index: u32, value: f64): i32 {
  if (index === 3 && !(value >= 0 && value <= <f64>IPC_MAX)) return -ERANGE
  if (index === 0) semaphores.maxPerSet = <i32>value
  else if (index === 1) semaphores.maxTotal = <i32>value
  else if (index === 2) semaphores.maxOperations = <i32>value
  else semaphores.maxSets = <u32>value
  return 0
}

/** Changes a setting, to a whole number; EINVAL if it is out of range, ERANGE of some. */
export function setSetting(setting: u32, value: f64): i32 {
  if (setting - KERNEL_SEM < 4) {
    if (setting !== KERNEL_SEM + 3 && !isInRange(setting, value)) return -EINVAL
    return setSemaphoreLimit(viewedNamespace().semaphores, setting - KERNEL_SEM, value)
  }
  if (!isInRange(setting, value)) return -EINVAL
  const sysctl = Sysctl.only
  const namespace = viewedNamespace()
  switch (setting) {
    case KERNEL_PID_MAX:
      sysctl.pidMax = <u32>value
      break
    case KERNEL_SHMMAX:
      namespace.maxBytes = <u64>value
      break
    case KERNEL_SHMALL:
      namespace.maxPages = <u64>value
      break
    case KERNEL_SHMMNI:
      namespace.maxSegments = <u32>value
      break
    case KERNEL_SHM_RMID_FORCED:
      setForced(namespace, <u32>value)
      break
    case KERNEL_MSGMAX:
      namespace.queues.maxBytes = <u32>value
      break
    case KERNEL_MSGMNB:
      namespace.queues.maxQueueBytes = <u32>value
      break
    case KERNEL_MSGMNI:
      namespace.queues.maxQueues = <u32>value
      break
    case FS_MQUEUE_QUEUES_MAX:
      namespace.maxPosixQueues = <u32>value
      break
    case FS_MQUEUE_MSG_MAX:
      namespace.maxPosixMessages = <u32>value
      break
    case FS_MQUEUE_MSGSIZE_MAX:
      namespace.maxPosixBytes = <u32>value
      break
    case FS_MQUEUE_MSG_DEFAULT:
      namespace.defaultPosixMessages = <u32>value
      break
    case FS_MQUEUE_MSGSIZE_DEFAULT:
      namespace.defaultPosixBytes = <u32>value
      break
    case VM_OVERCOMMIT_MEMORY:
      sysctl.overcommitMemory = <u32>value
      break
    case VM_OVERCOMMIT_RATIO:
      sysctl.overcommitRatio = <i32>value
      sysctl.overcommitKbytes = 0
      break
    case VM_OVERCOMMIT_KBYTES:
      sysctl.overcommitKbytes = <u64>value
      sysctl.overcommitRatio = 0
      break
    case VM_MAX_MAP_COUNT:
      sysctl.maxMapCount = <u32>value
      break
    case VM_MMAP_MIN_ADDR:
      sysctl.mmapMinAddr = <u64>value
      break
    case VM_PAGE_CLUSTER:
      sysctl.pageCluster = <u32>value
      break
    case VM_ADMIN_RESERVE_KBYTES:
      sysctl.adminReserveKbytes = <u64>value
      break
    case VM_USER_RESERVE_KBYTES:
      sysctl.userReserveKbytes = <u64>value
      break
    case VM_SWAPPINESS:
      sysctl.swappiness = <u32>value
      break
  }
  return 0
}
