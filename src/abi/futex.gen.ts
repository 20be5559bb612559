// GENERATED from assembly/abi/futex.ts by the build; do not edit.
// Numbers of futexes and robust lists: include/uapi/linux/futex.h.

/** In a robust lock's word: somebody waits for it. */
export const FUTEX_WAITERS = 0x80000000
/** In a robust lock's word: who held it ended. */
export const FUTEX_OWNER_DIED = 0x40000000
/** In a robust lock's word: the thread that holds it. */
export const FUTEX_TID_MASK = 0x3fffffff
/** Bits of who waits or wakes for no bits in particular. */
export const FUTEX_BITSET_MATCH_ANY = 0xffffffff
/** So many locks of a thread's robust list are looked at when it ends. */
export const ROBUST_LIST_LIMIT = 2048
/** Bytes of struct robust_list_head: the first lock's address, the distance from an entry to its word, the entry that is being locked or unlocked. */
export const ROBUST_LIST_HEAD_SIZE = 24
