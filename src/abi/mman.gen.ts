// GENERATED from assembly/abi/mman.ts by the build; do not edit.
// Constants of <sys/mman.h> on x86-64.

export const PROT_NONE = 0
export const PROT_READ = 1
export const PROT_WRITE = 2
export const PROT_EXEC = 4
export const PROT_SEM = 8
export const PROT_GROWSDOWN = 0x1000000
export const PROT_GROWSUP = 0x2000000

export const MAP_SHARED = 0x01
export const MAP_PRIVATE = 0x02
export const MAP_SHARED_VALIDATE = 0x03
export const MAP_TYPE = 0x0f
export const MAP_FIXED = 0x10
export const MAP_ANONYMOUS = 0x20
export const MAP_GROWSDOWN = 0x0100
export const MAP_NORESERVE = 0x4000
export const MAP_POPULATE = 0x8000
export const MAP_HUGETLB = 0x40000
export const MAP_FIXED_NOREPLACE = 0x100000
/** The flags that every file system knows: MAP_SHARED_VALIDATE refuses others. */
export const LEGACY_MAP_MASK = 0x7c07f9f3

/** Where MAP_ and SHM_HUGETLB's flags hold the binary logarithm of the pages' size: 0 for the usual, else 21 for 2 MiB. */
export const MAP_HUGE_SHIFT = 26
export const MAP_HUGE_MASK = 0x3f
