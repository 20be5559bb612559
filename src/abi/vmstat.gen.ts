// GENERATED from assembly/abi/vmstat.ts by the build; do not edit.
// Event counters, one set per CPU, in the order of their slots: the names are those of /proc/vmstat.

export const PGALLOC = 0
export const PGFREE = 1
export const PGFAULT = 2
export const PGREUSE = 3
export const PGCOPY = 4
export const ZERO_MAPPED = 5
export const TABLE_ALLOC = 6
export const TABLE_FREE = 7
export const PGMAJFAULT = 8
export const PSWPIN = 9
export const PSWPOUT = 10
export const OOM_KILL = 11
/** KiB read from disks and swap areas, and written to them. */
export const PGPGIN = 12
export const PGPGOUT = 13
export const SWAP_RA = 14
export const SWAP_RA_HIT = 15
export const PGSCAN_DIRECT = 16
export const PGSCAN_KSWAPD = 17
export const PGSTEAL_DIRECT = 18
export const PGSTEAL_KSWAPD = 19
export const PGSCAN_ANON = 20
export const PGSCAN_FILE = 21
export const PGSTEAL_ANON = 22
export const PGSTEAL_FILE = 23
export const PGACTIVATE = 24
export const PGDEACTIVATE = 25
export const PGREFILL = 26
export const WORKINGSET_REFAULT_ANON = 27
export const WORKINGSET_REFAULT_FILE = 28
export const WORKINGSET_ACTIVATE_ANON = 29
export const WORKINGSET_ACTIVATE_FILE = 30
export const WORKINGSET_RESTORE_ANON = 31
export const WORKINGSET_RESTORE_FILE = 32
export const WORKINGSET_NODERECLAIM = 33
export const PAGEOUTRUN = 34
export const ALLOCSTALL = 35
export const KSWAPD_LOW_WMARK_HIT_QUICKLY = 36
export const KSWAPD_HIGH_WMARK_HIT_QUICKLY = 37
export const UNEVICTABLE_PGS_CULLED = 40
export const UNEVICTABLE_PGS_SCANNED = 41
export const UNEVICTABLE_PGS_RESCUED = 42
export const UNEVICTABLE_PGS_MLOCKED = 43
export const UNEVICTABLE_PGS_MUNLOCKED = 44
export const UNEVICTABLE_PGS_STRANDED = 45
export const PGLAZYFREE = 46
export const PGLAZYFREED = 47
/** How many slots there are. */
export const COUNTERS = 48
