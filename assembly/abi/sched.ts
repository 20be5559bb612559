// Constants of <sched.h>.

/** In unshare: a new IPC namespace. */
export const CLONE_NEWIPC: u32 = 0x08000000
