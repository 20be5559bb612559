// GENERATED from assembly/abi/errno.ts by the build; do not edit.
// Error numbers of Linux on x86-64. The core returns them negated.

export const EPERM = 1
export const ENOENT = 2
export const ESRCH = 3
export const EBADF = 9
export const ECHILD = 10
export const EAGAIN = 11
export const ENOMEM = 12
export const EACCES = 13
export const EEXIST = 17
export const EINVAL = 22
export const ENOSPC = 28
export const EIDRM = 43
