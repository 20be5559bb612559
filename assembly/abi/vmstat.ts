// Event counters, one set per CPU, in the order of their slots: the names are those of /proc/vmstat.

export const PGALLOC: u32 = 0
export const PGFREE: u32 = 1
export const PGFAULT: u32 = 2
export const PGREUSE: u32 = 3
export const PGCOPY: u32 = 4
export const ZERO_MAPPED: u32 = 5
export const TABLE_ALLOC: u32 = 6
export const TABLE_FREE: u32 = 7
export const PGMAJFAULT: u32 = 8
export const PSWPIN: u32 = 9
export const PSWPOUT: u32 = 10
export const OOM_KILL: u32 = 11
/** KiB read from disks and swap areas, and written to them. */
export const PGPGIN: u32 = 12
export const PGPGOUT: u32 = 13
export const PGSCAN_DIRECT: u32 = 16
export const PGSCAN_KSWAPD: u32 = 17
export const PGSTEAL_DIRECT: u32 = 18
export const PGSTEAL_KSWAPD: u32 = 19
export const PGSCAN_ANON: u32 = 20
export const PGSCAN_FILE: u32 = 21
export const PGSTEAL_ANON: u32 = 22
export const PGSTEAL_FILE: u32 = 23
export const PGACTIVATE: u32 = 24
export const PGDEACTIVATE: u32 = 25
export const PGREFILL: u32 = 26
export const WORKINGSET_REFAULT_ANON: u32 = 27
export const WORKINGSET_REFAULT_FILE: u32 = 28
export const WORKINGSET_ACTIVATE_ANON: u32 = 29
export const WORKINGSET_ACTIVATE_FILE: u32 = 30
export const WORKINGSET_RESTORE_ANON: u32 = 31
export const WORKINGSET_RESTORE_FILE: u32 = 32
export const WORKINGSET_NODERECLAIM: u32 = 33
export const PAGEOUTRUN: u32 = 34
export const ALLOCSTALL: u32 = 35
export const UNEVICTABLE_PGS_CULLED: u32 = 40
export const UNEVICTABLE_PGS_SCANNED: u32 = 41
export const UNEVICTABLE_PGS_RESCUED: u32 = 42
export const UNEVICTABLE_PGS_MLOCKED: u32 = 43
export const UNEVICTABLE_PGS_MUNLOCKED: u32 = 44
export const UNEVICTABLE_PGS_STRANDED: u32 = 45
export const PGLAZYFREE: u32 = 46
export const PGLAZYFREED: u32 = 47
/** How many slots there are. */
export const COUNTERS: u32 = 48
