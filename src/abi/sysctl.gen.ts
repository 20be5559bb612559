// GENERATED from assembly/abi/sysctl.ts by the build; do not edit.
// Numbers of the machine's settings. Their names are those of the files below /proc/sys:
// VM_MAX_MAP_COUNT is vm.max_map_count.

/** The end of the process ids. */
export const KERNEL_PID_MAX = 0
/** The most bytes of a segment that is made. This and the next are those of init's IPC namespace. */
export const KERNEL_SHMMAX = 6
/** The most pages of all segments. */
export const KERNEL_SHMALL = 7
/** The most segments. */
export const KERNEL_SHMMNI = 8
/** 1 if segments go at the last detach, or with the process that made them. */
export const KERNEL_SHM_RMID_FORCED = 9
/** Limits of semaphores, of init's IPC namespace: the most of a set, of all sets, of operations in a call, and of sets: this number and the three behind it. */
export const KERNEL_SEM = 64
/** The most bytes of a message, of a new queue's messages, and the most queues, all of init's IPC namespace. */
export const KERNEL_MSGMAX = 68
export const KERNEL_MSGMNB = 69
export const KERNEL_MSGMNI = 70
/** Of POSIX message queues in init's IPC namespace: the most, the most messages and bytes of one, and how many of a queue that is made without saying. */
export const FS_MQUEUE_QUEUES_MAX = 72
export const FS_MQUEUE_MSG_MAX = 73
export const FS_MQUEUE_MSGSIZE_MAX = 74
export const FS_MQUEUE_MSG_DEFAULT = 75
export const FS_MQUEUE_MSGSIZE_DEFAULT = 76
/** How memory is promised: 0 by guess, 1 always, 2 up to a limit. */
export const VM_OVERCOMMIT_MEMORY = 1
/** Of mode 2's limit: per cent of memory. Setting it unsets the next. */
export const VM_OVERCOMMIT_RATIO = 2
/** Of mode 2's limit: KiB, instead of a share unless 0. Setting it unsets the one before. */
export const VM_OVERCOMMIT_KBYTES = 3
/** The most mappings of a process. */
export const VM_MAX_MAP_COUNT = 4
/** The lowest address that a process without privilege may map, in bytes. */
export const VM_MMAP_MIN_ADDR = 5
/** The most pages that are read from swap at once, as a power of two: vm.page-cluster. */
export const VM_PAGE_CLUSTER = 12
/** KiB that mode 2 keeps for root. */
export const VM_ADMIN_RESERVE_KBYTES = 10
/** KiB that mode 2 keeps for who has to mend things. */
export const VM_USER_RESERVE_KBYTES = 11
/** How much rather anonymous pages than those of files are evicted: 0 to 200, 100 if they cost the same. */
export const VM_SWAPPINESS = 14
