// Numbers of futexes and robust lists: include/uapi/linux/futex.h.

/** In a robust lock's word: somebody waits for it. */
export const FUTEX_WAITERS: u32 = 0x80000000
/** In a robust lock's word: who held it ended. */
export const FUTEX_OWNER_DIED: u32 = 0x40000000
/** In a robust lock's word: the thread that holds it. */
export const FUTEX_TID_MASK: u32 = 0x3fffffff
/** Bits of who waits or wakes for no bits in particular. */
export const FUTEX_BITSET_MATCH_ANY: u32 = 0xffffffff
/** So many locks of a thread's robust list are looked at when it ends. */
export const ROBUST_LIST_LIMIT: u32 = 2048
/** Bytes of struct robust_list_head: the first lock's address, the distance from an entry to its word, the entry that is being locked or unlocked. */
export const ROBUST_LIST_HEAD_SIZE: u32 = 24
