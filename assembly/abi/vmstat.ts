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
/** How many counters there are. */
export const COUNTERS: u32 = 12
