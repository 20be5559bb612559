// Constants of <mqueue.h>, and limits of POSIX message queues.

/** Priorities of messages are below. */
export const MQ_PRIO_MAX: u32 = 32768
/** The most messages and bytes of a message of a queue that is made without saying how many, unless set otherwise. */
export const MQ_MAXMSG: u32 = 10
export const MQ_MSGSIZE: u32 = 8192
/** The most queues of a namespace, unless set otherwise. */
export const MQ_QUEUES: u32 = 256
/** What root may make at most: messages, and bytes of one. */
export const MQ_HARD_MAXMSG: u32 = 65536
export const MQ_HARD_MSGSIZE: u32 = 16777216
/** The least that a limit of the bytes of a message may be set to. */
export const MQ_MIN_MSGSIZE: u32 = 128
