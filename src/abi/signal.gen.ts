// GENERATED from assembly/abi/signal.ts by the build; do not edit.
// Why a memory access failed: si_code of SIGSEGV.

/** Nothing is mapped at the address. */
export const SEGV_MAPERR = 1
/** The mapping does not allow the access. */
export const SEGV_ACCERR = 2
