// GENERATED from assembly/abi/mqueue.ts by the build; do not edit.
// Constants of <mqueue.h>, and limits of POSIX message queues.

/** Priorities of messages are below. */
export const MQ_PRIO_MAX = 32768
/** The most messages and bytes of a message of a queue that is made without saying how many, unless set otherwise. */
export const MQ_MAXMSG = 10
export const MQ_MSGSIZE = 8192
/** The most queues of a namespace, unless set otherwise. */
export const MQ_QUEUES = 256
/** What root may make at most: messages, and bytes of one. */
export const MQ_HARD_MAXMSG = 65536
export const MQ_HARD_MSGSIZE = 16777216
/** The least that a limit of the bytes of a message may be set to. */
export const MQ_MIN_MSGSIZE = 128
