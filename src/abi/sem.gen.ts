// GENERATED from assembly/abi/sem.ts by the build; do not edit.
// Constants of <sys/sem.h>, and what semaphores and message queues share beyond abi/shm.

/** In calls that may wait: EAGAIN, or of a queue ENOMSG, instead. */
export const IPC_NOWAIT = 0o4000
/** In an operation: what it changes is taken back when the process ends. */
export const SEM_UNDO = 0x1000

export const GETPID = 11
export const GETVAL = 12
export const GETALL = 13
export const GETNCNT = 14
export const GETZCNT = 15
export const SETVAL = 16
export const SETALL = 17
export const SEM_STAT = 18
export const SEM_INFO = 19
export const SEM_STAT_ANY = 20

/** The most semaphores of a set, unless set otherwise. */
export const SEMMSL = 32000
/** The most semaphores of all sets of a namespace, unless set otherwise. */
export const SEMMNS = 1024000000
/** The most operations of a call, unless set otherwise. */
export const SEMOPM = 500
/** The most sets of a namespace, unless set otherwise. */
export const SEMMNI = 32000
/** The highest value of a semaphore, and the most that is taken back when a process ends. */
export const SEMVMX = 32767
/** The highest value of a POSIX semaphore. */
export const SEM_VALUE_MAX = 0x7fffffff
/** Bytes of a process's undo structure, as Linux reports it. */
export const SEMUSZ = 20
