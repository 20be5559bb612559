// GENERATED from assembly/abi/mechanism.ts by the build; do not edit.
// What the policies linux-6.12 and linux-6.12-mglru are made of, a bit each: a machine may be booted without. Their names are these
// in lower case, with hyphens: REFAULT_DISTANCE is refault-distance. src/sys/policy says which policy has which.

/** New pages wait in batches of 31 a CPU before they are put into their lists. */
export const BATCHES = 1
/** A page that comes back soon after its eviction is active at once. */
export const REFAULT_DISTANCE = 2
/** A page that was active before its eviction, and comes back, counts as a cost of its list. */
export const WORKINGSET_RESTORE = 4
/** Pages that are used again become active. */
export const ACTIVE_LIST = 8
/** Active pages go back to the inactive list where that is short. */
export const DEACTIVATION = 16
/** Used pages are found by the accessed bits of their entries, and stay. */
export const ACCESSED_BITS = 32
/** Anonymous and file pages are scanned by what it cost to reclaim them. */
export const COST_BALANCE = 64
/** As long as there are enough inactive file pages, they alone are scanned. */
export const CACHE_TRIM = 128
/** Memory is reclaimed ahead of need, from the low watermark up to the high one. */
export const KSWAPD = 256
/** A read of an object's page maps the pages around it, too, as far as they are in memory. */
export const FAULT_AROUND = 512
/** Private pages are read ahead from swap by their neighbours in the VMA, not by neighbouring slots: Linux's vma_ra_enabled. */
export const VMA_READAHEAD = 1024

// Of linux-6.12-mglru.

/** Page tables are walked to find used pages, which are then the youngest generation's. */
export const PAGE_TABLE_WALK = 2048
/** Of the page tables those alone are walked in which many pages were used before. */
export const BLOOM_FILTER = 4096
/** Where a used page is found by its entries, those beside it are looked at, too. */
export const LOOK_AROUND = 8192
/** A generation's pages are told apart by how often they were used or came back. */
export const TIERS = 16384
/** Tiers from which more pages come back than from the first are protected, and of anonymous and file pages those go of which fewer come back. */
export const PID = 32768
/** A page that comes by a fault is one of the youngest generation. */
export const IN_FAULT = 65536
