// Numbers of disks: file systems whose files have a home beside memory.

/** The most disks. */
export const DISK_COUNT: u32 = 8
/** Bits of a block's number. Block 0 is the header. */
export const DISK_BLOCK_BITS: u32 = 25

/** Where a disk's blocks are: in the host's memory, in a file, nowhere; of a mount that is none: 0. */
export const DISK_MEMORY: u32 = 1
export const DISK_FILE: u32 = 2
export const DISK_NONE: u32 = 3
