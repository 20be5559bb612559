// What the core asks of its host: to wait, the time, stack, and pages in swap areas and on disks. Imports of the module `host`.

/**
 * Sleeps until the word at `address` is notified, or for `milliseconds`; returns at once if the
 * word is not `expected`. The host's Atomics.wait, or nothing where waiting is not allowed:
 * V8 in Node 20 miscompiles the wait instruction. Says whether the time was up; then the host has also
 * looked whether threads that it started are gone.
 */
export declare function wait(address: usize, expected: u32, milliseconds: f64): bool

/**
 * Throws a RangeError in the host's way, with nothing done, unless the stack has room for the deepest call: one that ran out
 * of it half-way would leave the machine broken. `never` is false.
 */
export declare function reserve(never: bool): f64

/** Whole seconds since 1970. */
export declare function now(): f64

/** Reads the page in a slot of a swap area, of which the host has some bytes, to an address: 0, or EIO. */
export declare function swapRead(area: u32, slot: u32, address: usize): i32

/** Writes the page at an address to a slot of a swap area: EIO, or how many bytes it takes compressed, if the area counts that, or SLOT_SAME; else 0. */
export declare function swapWrite(area: u32, slot: u32, address: usize): i32

/** Reads a block of a disk, of which the host has the bytes, to an address: 0, or EIO. */
export declare function diskRead(disk: u32, block: u32, address: usize): i32

/** Writes the page at an address to a block of a disk: 0, or EIO. */
export declare function diskWrite(disk: u32, block: u32, address: usize): i32
