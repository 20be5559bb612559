// Events of the trace ring. Where Linux has a tracepoint, the name is its; behind each stands what the
// two words of its record are.

/** A page fault: the address, and x86's error code (FAULT_…). */
export const PAGE_FAULT_USER: u32 = 1
/** Frames were taken from the allocator: the first one's number, the order. */
export const MM_PAGE_ALLOC: u32 = 2
/** Frames were given back: the first one's number, the order. */
export const MM_PAGE_FREE: u32 = 3
/** An address space has a new VMA: its start and end. */
export const VMA_STORE: u32 = 4
/** A VMA is gone: its start and end. */
export const VMA_REMOVE: u32 = 5
/** A segment is shown by one more VMA: its id and key. */
export const SHM_ATTACH: u32 = 6
/** A segment is shown by one VMA less: its id and key. */
export const SHM_DETACH: u32 = 7
/** A process was made: its pid, its CPU. */
export const SCHED_PROCESS_FORK: u32 = 8
/** A process ended: its pid, its status as waitpid has it. */
export const SCHED_PROCESS_EXIT: u32 = 9
/** A page was taken out of another CPU's TLB: its address, the CPU. */
export const TLB_FLUSH: u32 = 10
/** A process was chosen to be killed for want of memory: its pid, and how many pages it uses. */
export const MARK_VICTIM: u32 = 11

/** Of an error code: the page was present; the access was a write; it was the user's. */
export const FAULT_PROTECTION: u32 = 1
export const FAULT_WRITE: u32 = 2
export const FAULT_USER: u32 = 4
