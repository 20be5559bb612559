// GENERATED from assembly/abi/mman.ts by the build; do not edit.
// Constants of <sys/mman.h> on x86-64.

export const PROT_NONE = 0
export const PROT_READ = 1
export const PROT_WRITE = 2
export const PROT_EXEC = 4
export const PROT_SEM = 8

export const MAP_SHARED = 0x01
export const MAP_PRIVATE = 0x02
export const MAP_TYPE = 0x0f
export const MAP_FIXED = 0x10
export const MAP_ANONYMOUS = 0x20
export const MAP_NORESERVE = 0x4000
export const MAP_POPULATE = 0x8000
export const MAP_FIXED_NOREPLACE = 0x100000
