// GENERATED from assembly/abi/disk.ts by the build; do not edit.
// Numbers of disks: file systems whose files have a home beside memory.

/** The most disks. */
export const DISK_COUNT = 8
/** Bits of a block's number. Block 0 is the header. */
export const DISK_BLOCK_BITS = 25

/** Where a disk's blocks are: in the host's memory, in a file, nowhere; of a mount that is none: 0. */
export const DISK_MEMORY = 1
export const DISK_FILE = 2
export const DISK_NONE = 3
