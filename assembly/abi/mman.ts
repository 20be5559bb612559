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
export const MAP_GROWSDOWN: u32 = 0x0100
export const MAP_NORESERVE: u32 = 0x4000
export const MAP_POPULATE: u32 = 0x8000
export const MAP_HUGETLB: u32 = 0x40000
export const MAP_FIXED_NOREPLACE: u32 = 0x100000
/** The flags that every file system knows: MAP_SHARED_VALIDATE refuses others. */
export const LEGACY_MAP_MASK: u32 = 0x7c07f9f3

/** Where MAP_ and SHM_HUGETLB's flags hold the binary logarithm of the pages' size: 0 for the usual, else 21 for 2 MiB. */
export const MAP_HUGE_SHIFT: u32 = 26
export const MAP_HUGE_MASK: u32 = 0x3f
