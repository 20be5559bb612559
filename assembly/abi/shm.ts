// Constants of <sys/ipc.h> and <sys/shm.h>.

export const IPC_CREAT: u32 = 0o1000
export const IPC_EXCL: u32 = 0o2000
export const IPC_PRIVATE: i32 = 0

export const IPC_RMID: i32 = 0
export const IPC_SET: i32 = 1
export const IPC_STAT: i32 = 2
export const IPC_INFO: i32 = 3
export const SHM_LOCK: i32 = 11
export const SHM_UNLOCK: i32 = 12
export const SHM_STAT: i32 = 13
export const SHM_INFO: i32 = 14
export const SHM_STAT_ANY: i32 = 15

export const SHM_NORESERVE: u32 = 0o10000
export const SHM_HUGETLB: u32 = 0o4000

export const SHM_RDONLY: u32 = 0o10000
export const SHM_RND: u32 = 0o20000
export const SHM_REMAP: u32 = 0o40000
export const SHM_EXEC: u32 = 0o100000

/** In a segment's mode: it goes at the last detach. */
export const SHM_DEST: u32 = 0o1000
/** In a segment's mode: it is locked in memory. */
export const SHM_LOCKED: u32 = 0o2000

/** Attach addresses are multiples of this. */
export const SHMLBA: u32 = 4096
/** The most segments of a namespace, unless set otherwise; at most IPC_MAX. */
export const SHMMNI: u32 = 4096
/** The most bytes of a segment, and pages of all of a namespace, unless set otherwise: 2^64 - 2^24. */
export const SHMMAX: u64 = 0xffffffffff000000
export const SHMALL: u64 = 0xffffffffff000000
