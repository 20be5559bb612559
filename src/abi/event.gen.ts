// GENERATED from assembly/abi/event.ts by the build; do not edit.
// Events of the trace ring. Where Linux has a tracepoint, the name is its; behind each stands what the
// two words of its record are.

/** A page fault: the address, and x86's error code (FAULT_…). */
export const PAGE_FAULT_USER = 1
/** Frames were taken from the allocator: the first one's number, the order. */
export const MM_PAGE_ALLOC = 2
/** Frames were given back: the first one's number, the order. */
export const MM_PAGE_FREE = 3
/** An address space has a new VMA: its start and end. */
export const VMA_STORE = 4
/** A VMA is gone: its start and end. */
export const VMA_REMOVE = 5
/** A segment is shown by one more VMA: its id and key. */
export const SHM_ATTACH = 6
/** A segment is shown by one VMA less: its id and key. */
export const SHM_DETACH = 7
/** A process was made: its pid, its CPU. */
export const SCHED_PROCESS_FORK = 8
/** A process ended: its pid, its status as waitpid has it. */
export const SCHED_PROCESS_EXIT = 9
/** A page was taken out of another CPU's TLB: its address, the CPU. */
export const TLB_FLUSH = 10
/** A process was chosen to be killed for want of memory: its pid, and how many pages it uses. */
export const MARK_VICTIM = 11

/** Reclaim for a call that was refused a frame begins: the order, 0, and the control group, 0; and ends: pages reclaimed, the group, 0. */
export const MM_VMSCAN_DIRECT_RECLAIM_BEGIN = 16
export const MM_VMSCAN_DIRECT_RECLAIM_END = 17
/** The same of a control group's pages. */
export const MM_VMSCAN_MEMCG_RECLAIM_BEGIN = 18
export const MM_VMSCAN_MEMCG_RECLAIM_END = 19
/** kswapd begins, and is done: the node, 0. */
export const MM_VMSCAN_KSWAPD_WAKE = 20
export const MM_VMSCAN_KSWAPD_SLEEP = 21
/** Pages were taken from a list to be looked at: how many were wanted, and looked at; how many were taken, and the list. Two numbers of 32 bits a word here, and in the next two. */
export const MM_VMSCAN_LRU_ISOLATE = 22
/** Of an inactive list, pages looked at, and reclaimed; those that became active, and the priority. */
export const MM_VMSCAN_LRU_SHRINK_INACTIVE = 23
/** Of an active list, pages looked at, and made inactive; those that were used and stay, and the priority. */
export const MM_VMSCAN_LRU_SHRINK_ACTIVE = 24
/** A page was written: its frame's number; 1 to swap or 2 to its file, and 8. */
export const MM_VMSCAN_WRITE_FOLIO = 25

/** Of an error code: the page was present; the access was a write; it was the user's. */
export const FAULT_PROTECTION = 1
export const FAULT_WRITE = 2
export const FAULT_USER = 4
