// GENERATED from assembly/abi/signal.ts by the build; do not edit.
// Signals, and why a memory access failed: si_code in the low byte, the signal above it.

export const SIGBUS = 7
export const SIGSEGV = 11

/** Nothing is mapped at the address. */
export const SEGV_MAPERR = (11 << 8) | 1
/** The mapping does not allow the access. */
export const SEGV_ACCERR = (11 << 8) | 2
/** The mapping shows nothing there: the page is beyond the end of the file, or there is no room for it. */
export const BUS_ADRERR = (7 << 8) | 2
