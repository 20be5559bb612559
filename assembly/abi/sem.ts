// Constants of <sys/sem.h>, and what semaphores and message queues share beyond abi/shm.

/** In calls that may wait: EAGAIN, or of a queue ENOMSG, instead. */
export const IPC_NOWAIT: u32 = 0o4000
/** In an operation: what it changes is taken back when the process ends. */
export const SEM_UNDO: u32 = 0x1000

export const GETPID: i32 = 11
export const GETVAL: i32 = 12
export const GETALL: i32 = 13
export const GETNCNT: i32 = 14
export const GETZCNT: i32 = 15
export const SETVAL: i32 = 16
export const SETALL: i32 = 17
export const SEM_STAT: i32 = 18
export const SEM_INFO: i32 = 19
export const SEM_STAT_ANY: i32 = 20

/** The most semaphores of a set, unless set otherwise. */
export const SEMMSL: i32 = 32000
/** The most semaphores of all sets of a namespace, unless set otherwise. */
export const SEMMNS: i32 = 1024000000
/** The most operations of a call, unless set otherwise. */
export const SEMOPM: i32 = 500
/** The most sets of a namespace, unless set otherwise. */
export const SEMMNI: i32 = 32000
/** The highest value of a semaphore, and the most that is taken back when a process ends. */
export const SEMVMX: i32 = 32767
/** The highest value of a POSIX semaphore. */
export const SEM_VALUE_MAX: u32 = 0x7fffffff
/** Bytes of a process's undo structure, as Linux reports it. */
export const SEMUSZ: i32 = 20
