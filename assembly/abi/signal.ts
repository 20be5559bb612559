// Signals, and why a memory access failed: si_code in the low byte, the signal above it.

export const SIGBUS: i32 = 7
export const SIGSEGV: i32 = 11

/** Nothing is mapped at the address. */
export const SEGV_MAPERR: i32 = (11 << 8) | 1
/** The mapping does not allow the access. */
export const SEGV_ACCERR: i32 = (11 << 8) | 2
/** The mapping shows nothing there: the page is beyond the end of the file, or there is no room for it. */
export const BUS_ADRERR: i32 = (7 << 8) | 2
