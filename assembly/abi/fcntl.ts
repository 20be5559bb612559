// Constants of <fcntl.h>, <sys/stat.h> and <unistd.h> on x86-64.

export const O_RDONLY: u32 = 0
export const O_WRONLY: u32 = 1
export const O_RDWR: u32 = 2
export const O_ACCMODE: u32 = 3
export const O_CREAT: u32 = 0o100
export const O_EXCL: u32 = 0o200
export const O_NOCTTY: u32 = 0o400
export const O_TRUNC: u32 = 0o1000
export const O_APPEND: u32 = 0o2000
export const O_NONBLOCK: u32 = 0o4000
export const O_DSYNC: u32 = 0o10000
export const O_ASYNC: u32 = 0o20000
export const O_DIRECT: u32 = 0o40000
/** In F_GETFL's answer of every opened file: the kernel's number, which glibc calls 0. */
export const O_LARGEFILE: u32 = 0o100000
export const O_DIRECTORY: u32 = 0o200000
export const O_NOFOLLOW: u32 = 0o400000
export const O_NOATIME: u32 = 0o1000000
export const O_CLOEXEC: u32 = 0o2000000
export const O_SYNC: u32 = 0o4010000
export const O_PATH: u32 = 0o10000000
export const O_TMPFILE: u32 = 0o20200000

export const S_IFMT: u32 = 0o170000
export const S_IFCHR: u32 = 0o020000
export const S_IFDIR: u32 = 0o040000
export const S_IFREG: u32 = 0o100000
export const S_ISUID: u32 = 0o4000
export const S_ISGID: u32 = 0o2000
export const S_ISVTX: u32 = 0o1000

export const SEEK_SET: u32 = 0
export const SEEK_CUR: u32 = 1
export const SEEK_END: u32 = 2
export const SEEK_DATA: u32 = 3
export const SEEK_HOLE: u32 = 4

export const F_DUPFD: u32 = 0
export const F_GETFD: u32 = 1
export const F_SETFD: u32 = 2
export const F_GETFL: u32 = 3
export const F_SETFL: u32 = 4
export const F_DUPFD_CLOEXEC: u32 = 1030
export const F_ADD_SEALS: u32 = 1033
export const F_GET_SEALS: u32 = 1034
export const FD_CLOEXEC: u32 = 1

export const F_SEAL_SEAL: u32 = 0x01
export const F_SEAL_SHRINK: u32 = 0x02
export const F_SEAL_GROW: u32 = 0x04
export const F_SEAL_WRITE: u32 = 0x08
export const F_SEAL_FUTURE_WRITE: u32 = 0x10
export const F_SEAL_EXEC: u32 = 0x20

export const FALLOC_FL_KEEP_SIZE: u32 = 0x01
export const FALLOC_FL_PUNCH_HOLE: u32 = 0x02
export const FALLOC_FL_COLLAPSE_RANGE: u32 = 0x08
export const FALLOC_FL_ZERO_RANGE: u32 = 0x10
export const FALLOC_FL_INSERT_RANGE: u32 = 0x20
export const FALLOC_FL_UNSHARE_RANGE: u32 = 0x40
export const FALLOC_FL_WRITE_ZEROES: u32 = 0x80

export const MFD_CLOEXEC: u32 = 0x01
export const MFD_ALLOW_SEALING: u32 = 0x02
export const MFD_HUGETLB: u32 = 0x04
export const MFD_NOEXEC_SEAL: u32 = 0x08
export const MFD_EXEC: u32 = 0x10

/** In renameat2: what has the new name already is not replaced; or gets the old one. */
export const RENAME_NOREPLACE: u32 = 0x01
export const RENAME_EXCHANGE: u32 = 0x02

/** The longest name in a directory, in bytes. */
export const NAME_MAX: u32 = 255
/** A path has fewer bytes. */
export const PATH_MAX: u32 = 4096

export const POSIX_FADV_NORMAL: u32 = 0
export const POSIX_FADV_RANDOM: u32 = 1
export const POSIX_FADV_SEQUENTIAL: u32 = 2
export const POSIX_FADV_WILLNEED: u32 = 3
export const POSIX_FADV_DONTNEED: u32 = 4
export const POSIX_FADV_NOREUSE: u32 = 5
