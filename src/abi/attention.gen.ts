// GENERATED from assembly/abi/attention.ts by the build; do not edit.
// What asks for a thread's attention: bits of its CPU's word of that name.

/** A process of its thread was killed by another thread and is to be ended. */
export const KILLED = 1
/** The thread is to end, and begins no more calls. */
export const DOOMED = 2
/** The machine is stopped, and no call begins. */
export const STOPPED = 4
/** The thread is gone, with or without its leave; the host says so as soon as it knows. */
export const GONE = 8
/** The thread was doomed and then seen outside of calls, so that it never is in one again. */
export const RETIRED = 16
