// GENERATED from assembly/abi/shm.ts by the build; do not edit.
// Constants of <sys/ipc.h> and <sys/shm.h>.

export const IPC_CREAT = 0o1000
export const IPC_EXCL = 0o2000
export const IPC_PRIVATE = 0

export const IPC_RMID = 0
export const IPC_SET = 1
export const IPC_STAT = 2
export const IPC_INFO = 3
export const SHM_LOCK = 11
export const SHM_UNLOCK = 12
export const SHM_STAT = 13
export const SHM_INFO = 14
export const SHM_STAT_ANY = 15

export const SHM_NORESERVE = 0o10000
export const SHM_HUGETLB = 0o4000

export const SHM_RDONLY = 0o10000
export const SHM_RND = 0o20000
export const SHM_REMAP = 0o40000
export const SHM_EXEC = 0o100000

/** In a segment's mode: it goes at the last detach. */
export const SHM_DEST = 0o1000
/** In a segment's mode: it is locked in memory. */
export const SHM_LOCKED = 0o2000

/** Attach addresses are multiples of this. */
export const SHMLBA = 4096
/** The most segments of a namespace, unless set otherwise; at most IPC_MAX. */
export const SHMMNI = 4096
/** The most bytes of a segment, and pages of all of a namespace, unless set otherwise: 2^64 - 2^24. */
export const SHMMAX = 0xffffffffff000000
export const SHMALL = 0xffffffffff000000
