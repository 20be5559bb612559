// GENERATED from assembly/abi/sched.ts by the build; do not edit.
// Constants of <sched.h>.

/** In unshare: a new IPC namespace. */
export const CLONE_NEWIPC = 0x08000000
