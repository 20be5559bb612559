// GENERATED from assembly/abi/signal.ts by the build; do not edit.
// Signals, and why a memory access failed: si_code in the low byte, the signal above it.

export const SIGHUP = 1
export const SIGINT = 2
export const SIGQUIT = 3
export const SIGILL = 4
export const SIGTRAP = 5
export const SIGABRT = 6
export const SIGBUS = 7
export const SIGFPE = 8
export const SIGKILL = 9
export const SIGUSR1 = 10
export const SIGSEGV = 11
export const SIGUSR2 = 12
export const SIGPIPE = 13
export const SIGALRM = 14
export const SIGTERM = 15
export const SIGSTKFLT = 16
export const SIGCHLD = 17
export const SIGCONT = 18
export const SIGSTOP = 19
export const SIGTSTP = 20
export const SIGTTIN = 21
export const SIGTTOU = 22
export const SIGURG = 23
export const SIGXCPU = 24
export const SIGXFSZ = 25
export const SIGVTALRM = 26
export const SIGPROF = 27
export const SIGWINCH = 28
export const SIGIO = 29
export const SIGPWR = 30
export const SIGSYS = 31
/** The last signal; those behind SIGSYS have no names of their own. */
export const SIGRTMAX = 64

/** Nothing is mapped at the address. */
export const SEGV_MAPERR = (11 << 8) | 1
/** The mapping does not allow the access. */
export const SEGV_ACCERR = (11 << 8) | 2
/** The mapping shows nothing there: the page is beyond the end of the file, or there is no room for it. */
export const BUS_ADRERR = (7 << 8) | 2
