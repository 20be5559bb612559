// GENERATED from assembly/abi/generation.ts by the build; do not edit.
// Generations of pages, of the policy linux-6.12-mglru: Linux's include/linux/mmzone.h.

/** How many generations there are of a kind of pages: between these. */
export const MIN_NR_GENS = 2
export const MAX_NR_GENS = 4
/** Kinds of pages: anonymous ones, which objects' pages are that go to swap, and those of files. */
export const ANON_AND_FILE = 2
/** Tiers of a generation, by how often its pages were used. */
export const MAX_NR_TIERS = 4

/** What a walk of page tables counts: its entries, those that were used, tables that it looked into, and those it will look into again. */
export const MM_LEAF_TOTAL = 0
export const MM_LEAF_YOUNG = 1
export const MM_NONLEAF_FOUND = 2
export const MM_NONLEAF_ADDED = 3
export const NR_MM_STATS = 4
