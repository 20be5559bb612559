// Resource limits: numbers of <sys/resource.h> on x86-64.

export const RLIMIT_CPU: u32 = 0
export const RLIMIT_FSIZE: u32 = 1
export const RLIMIT_DATA: u32 = 2
export const RLIMIT_STACK: u32 = 3
export const RLIMIT_CORE: u32 = 4
export const RLIMIT_RSS: u32 = 5
export const RLIMIT_NPROC: u32 = 6
export const RLIMIT_NOFILE: u32 = 7
export const RLIMIT_MEMLOCK: u32 = 8
export const RLIMIT_AS: u32 = 9
export const RLIMIT_LOCKS: u32 = 10
export const RLIMIT_SIGPENDING: u32 = 11
export const RLIMIT_MSGQUEUE: u32 = 12
export const RLIMIT_NICE: u32 = 13
export const RLIMIT_RTPRIO: u32 = 14
export const RLIMIT_RTTIME: u32 = 15
