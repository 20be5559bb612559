// GENERATED from assembly/abi/msg.ts by the build; do not edit.
// Constants of <sys/msg.h>; abi/shm and abi/sem have those that all IPC objects share.

/** In msgrcv: what is longer than the room for it is cut. */
export const MSG_NOERROR = 0o10000
/** In msgrcv: the first message of any other type. */
export const MSG_EXCEPT = 0o20000
/** In msgrcv: a copy of the message at a place in the queue. */
export const MSG_COPY = 0o40000

export const MSG_STAT = 11
export const MSG_INFO = 12
export const MSG_STAT_ANY = 13

/** The most bytes of a message, unless set otherwise. */
export const MSGMAX = 8192
/** The most bytes of a new queue's messages, unless set otherwise. */
export const MSGMNB = 16384
/** The most queues of a namespace, unless set otherwise. */
export const MSGMNI = 32000
