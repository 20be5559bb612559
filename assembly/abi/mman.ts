// Constants of <sys/mman.h> on x86-64.

export const PROT_NONE: u32 = 0
export const PROT_READ: u32 = 1
export const PROT_WRITE: u32 = 2
export const PROT_EXEC: u32 = 4
export const PROT_SEM: u32 = 8
export const PROT_GROWSDOWN: u32 = 0x1000000
export const PROT_GROWSUP: u32 = 0x2000000

export const MAP_SHARED: u32 = 0x01
export const MAP_PRIVATE: u32 = 0x02
export const MAP_SHARED_VALIDATE: u32 = 0x03
export const MAP_TYPE: u32 = 0x0f
export const MAP_FIXED: u32 = 0x10
export const MAP_ANONYMOUS: u32 = 0x20
export const MAP_32BIT: u32 = 0x40
export const MAP_GROWSDOWN: u32 = 0x0100
export const MAP_LOCKED: u32 = 0x2000
export const MAP_NORESERVE: u32 = 0x4000
export const MAP_POPULATE: u32 = 0x8000
export const MAP_NONBLOCK: u32 = 0x10000
export const MAP_STACK: u32 = 0x20000
export const MAP_HUGETLB: u32 = 0x40000
export const MAP_FIXED_NOREPLACE: u32 = 0x100000
/** The flags that every file system knows: MAP_SHARED_VALIDATE refuses others. */
export const LEGACY_MAP_MASK: u32 = 0x7c07f9f3

/** Where MAP_ and SHM_HUGETLB's flags hold the binary logarithm of the pages' size: 0 for the usual, else 21 for 2 MiB. */
export const MAP_HUGE_SHIFT: u32 = 26
export const MAP_HUGE_MASK: u32 = 0x3f

export const MREMAP_MAYMOVE: u32 = 1
export const MREMAP_FIXED: u32 = 2
export const MREMAP_DONTUNMAP: u32 = 4

export const MADV_NORMAL: u32 = 0
export const MADV_RANDOM: u32 = 1
export const MADV_SEQUENTIAL: u32 = 2
export const MADV_WILLNEED: u32 = 3
export const MADV_DONTNEED: u32 = 4
export const MADV_FREE: u32 = 8
export const MADV_REMOVE: u32 = 9
export const MADV_DONTFORK: u32 = 10
export const MADV_DOFORK: u32 = 11
export const MADV_DONTDUMP: u32 = 16
export const MADV_DODUMP: u32 = 17
export const MADV_WIPEONFORK: u32 = 18
export const MADV_KEEPONFORK: u32 = 19
export const MADV_COLD: u32 = 20
export const MADV_PAGEOUT: u32 = 21
export const MADV_POPULATE_READ: u32 = 22
export const MADV_POPULATE_WRITE: u32 = 23
export const MADV_DONTNEED_LOCKED: u32 = 24

export const MS_ASYNC: u32 = 1
export const MS_INVALIDATE: u32 = 2
export const MS_SYNC: u32 = 4

export const MLOCK_ONFAULT: u32 = 1
export const MCL_CURRENT: u32 = 1
export const MCL_FUTURE: u32 = 2
export const MCL_ONFAULT: u32 = 4
