// GENERATED from assembly/abi/fcntl.ts by the build; do not edit.
// Constants of <fcntl.h>, <sys/stat.h> and <unistd.h> on x86-64.

export const O_RDONLY = 0
export const O_WRONLY = 1
export const O_RDWR = 2
export const O_ACCMODE = 3
export const O_CREAT = 0o100
export const O_EXCL = 0o200
export const O_NOCTTY = 0o400
export const O_TRUNC = 0o1000
export const O_APPEND = 0o2000
export const O_NONBLOCK = 0o4000
export const O_DSYNC = 0o10000
export const O_ASYNC = 0o20000
export const O_DIRECT = 0o40000
/** In F_GETFL's answer of every opened file: the kernel's number, which glibc calls 0. */
export const O_LARGEFILE = 0o100000
export const O_DIRECTORY = 0o200000
export const O_NOFOLLOW = 0o400000
export const O_NOATIME = 0o1000000
export const O_CLOEXEC = 0o2000000
export const O_SYNC = 0o4010000
export const O_PATH = 0o10000000
export const O_TMPFILE = 0o20200000

export const S_IFMT = 0o170000
export const S_IFCHR = 0o020000
export const S_IFDIR = 0o040000
export const S_IFREG = 0o100000
export const S_ISUID = 0o4000
export const S_ISGID = 0o2000
export const S_ISVTX = 0o1000

export const SEEK_SET = 0
export const SEEK_CUR = 1
export const SEEK_END = 2
export const SEEK_DATA = 3
export const SEEK_HOLE = 4

export const F_DUPFD = 0
export const F_GETFD = 1
export const F_SETFD = 2
export const F_GETFL = 3
export const F_SETFL = 4
export const F_DUPFD_CLOEXEC = 1030
export const F_ADD_SEALS = 1033
export const F_GET_SEALS = 1034
export const FD_CLOEXEC = 1

export const F_SEAL_SEAL = 0x01
export const F_SEAL_SHRINK = 0x02
export const F_SEAL_GROW = 0x04
export const F_SEAL_WRITE = 0x08
export const F_SEAL_FUTURE_WRITE = 0x10
export const F_SEAL_EXEC = 0x20

export const FALLOC_FL_KEEP_SIZE = 0x01
export const FALLOC_FL_PUNCH_HOLE = 0x02
export const FALLOC_FL_COLLAPSE_RANGE = 0x08
export const FALLOC_FL_ZERO_RANGE = 0x10
export const FALLOC_FL_INSERT_RANGE = 0x20
export const FALLOC_FL_UNSHARE_RANGE = 0x40
export const FALLOC_FL_WRITE_ZEROES = 0x80

export const MFD_CLOEXEC = 0x01
export const MFD_ALLOW_SEALING = 0x02
export const MFD_HUGETLB = 0x04
export const MFD_NOEXEC_SEAL = 0x08
export const MFD_EXEC = 0x10

/** In renameat2: what has the new name already is not replaced; or gets the old one. */
export const RENAME_NOREPLACE = 0x01
export const RENAME_EXCHANGE = 0x02

/** The longest name in a directory, in bytes. */
export const NAME_MAX = 255
/** A path has fewer bytes. */
export const PATH_MAX = 4096

export const POSIX_FADV_NORMAL = 0
export const POSIX_FADV_RANDOM = 1
export const POSIX_FADV_SEQUENTIAL = 2
export const POSIX_FADV_WILLNEED = 3
export const POSIX_FADV_DONTNEED = 4
export const POSIX_FADV_NOREUSE = 5
