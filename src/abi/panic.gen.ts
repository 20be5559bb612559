// GENERATED from assembly/abi/panic.ts by the build; do not edit.
// Why a machine panicked: codes of bugs in the core, never of a caller's mistake.

/** A trap without a code: an assertion of the debug build, or an access outside memory. */
export const PANIC_TRAP = 1
/** A lock was released by a CPU that does not hold it. */
export const PANIC_NOT_OWNER = 2
/** A lock was taken while one of the same or an inner rank was held. */
export const PANIC_LOCK_ORDER = 3
/** A frame was freed that is not in use. */
export const PANIC_DOUBLE_FREE = 4
/** A slab object was freed that is not of its cache. */
export const PANIC_BAD_OBJECT = 5
/** A count went below zero. */
export const PANIC_UNDERFLOW = 6
/** A thread ended in the middle of a call. */
export const PANIC_DEAD_THREAD = 7
/** validate() found the books wrong. */
export const PANIC_INVALID = 8
/** A thread is gone that holds a lock: the lock's rank, the thread's CPU. */
export const PANIC_DEAD_OWNER = 9
/** Nobody let go of a lock for a minute: its rank, the CPU that has it. */
export const PANIC_STUCK_LOCK = 10
/** A thread used a translation for a minute: its CPU. */
export const PANIC_STUCK_SECTION = 11
