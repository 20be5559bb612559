// GENERATED from assembly/abi/limits.ts by the build; do not edit.
// Limits and defaults, as on x86-64 with 4-level page tables.

/** End of the user's addresses, 2^47 less one page, in pages. */
export const TASK_PAGES = 0x7ffffffff
/** Where a search from the top begins, in pages: 128 MiB are left to the stack. */
export const MMAP_BASE_PAGES = 0x7ffff7fff
/** Where the heap begins, in bytes: behind a program linked to no libraries, at its usual place and without random offset. */
export const HEAP_START = 0x500000
/** Pages that must stay free below a VMA that grows down: stack_guard_gap. */
export const STACK_GAP = 256
/** The most supplementary groups of a process; Linux has 65536. */
export const NGROUPS_MAX = 32
/** Descriptors of a process are below: RLIMIT_NOFILE. */
export const NOFILE = 1024
/** The largest size of a file. */
export const MAX_FILE_BYTES = 0x7fffffffffffffff
/** Pages of files end here, at 16 TiB, since their indices have 32 bits: behind it is a hole. */
export const PAGES_END = 0xffffffff000
/** A control group's limit in pages that none is. */
export const NO_LIMIT = 0xffffffff
/** In place of a control group's swappiness: it is vm.swappiness. */
export const SAME_SWAPPINESS = 0xffffffff
/** In place of a process's status: it has not ended. */
export const UNENDED = 0xffffffff
