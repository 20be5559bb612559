// Error numbers of Linux on x86-64. The core returns them negated.

export const EPERM: i32 = 1
export const ENOENT: i32 = 2
export const ESRCH: i32 = 3
export const EBADF: i32 = 9
export const ECHILD: i32 = 10
export const EAGAIN: i32 = 11
export const ENOMEM: i32 = 12
export const EACCES: i32 = 13
export const EEXIST: i32 = 17
export const EINVAL: i32 = 22
export const ENOSPC: i32 = 28
export const EIDRM: i32 = 43
