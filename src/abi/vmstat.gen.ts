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
/** How many counters there are. */
export const COUNTERS = 12
