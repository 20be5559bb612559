// Why a memory access failed: si_code of SIGSEGV.

/** Nothing is mapped at the address. */
export const SEGV_MAPERR: i32 = 1
/** The mapping does not allow the access. */
export const SEGV_ACCERR: i32 = 2
