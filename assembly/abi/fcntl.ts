// Constants of <fcntl.h> and <sys/stat.h> on x86-64.

export const O_RDONLY: u32 = 0
export const O_WRONLY: u32 = 1
export const O_RDWR: u32 = 2
export const O_ACCMODE: u32 = 3
export const O_CREAT: u32 = 0o100
export const O_EXCL: u32 = 0o200
export const O_TRUNC: u32 = 0o1000
export const O_APPEND: u32 = 0o2000

export const S_IFMT: u32 = 0o170000
export const S_IFDIR: u32 = 0o040000
export const S_IFREG: u32 = 0o100000
