// Constants of <sys/msg.h>; abi/shm and abi/sem have those that all IPC objects share.

/** In msgrcv: what is longer than the room for it is cut. */
export const MSG_NOERROR: u32 = 0o10000
/** In msgrcv: the first message of any other type. */
export const MSG_EXCEPT: u32 = 0o20000
/** In msgrcv: a copy of the message at a place in the queue. */
export const MSG_COPY: u32 = 0o40000

export const MSG_STAT: i32 = 11
export const MSG_INFO: i32 = 12
export const MSG_STAT_ANY: i32 = 13

/** The most bytes of a message, unless set otherwise. */
export const MSGMAX: i32 = 8192
/** The most bytes of a new queue's messages, unless set otherwise. */
export const MSGMNB: i32 = 16384
/** The most queues of a namespace, unless set otherwise. */
export const MSGMNI: i32 = 32000
