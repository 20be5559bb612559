// Numbers of swap areas: the bits of a swap entry, backings, and what a file's header says (mkswap(8)).

/** The most areas at once. */
export const SWAP_AREA_COUNT: u32 = 8
/** Bits of a slot's number in a swap entry; the area's number stands above. Slot 0 is the header. */
export const SWAP_SLOT_BITS: u32 = 25

/** In a slot's flags: its page is zeros, and not stored. */
export const SLOT_ZEROS: u32 = 1

/** Instead of the bytes that a slot's page takes compressed: it is one word over and over. */
export const SLOT_SAME: u32 = 0xffff

/** Of an area: it is on a disk that rotates; it counts what its pages take compressed. */
export const SWAP_ROTATES: u32 = 1
export const SWAP_COMPRESSES: u32 = 2

/** Where an area's pages are: in the host's memory, in a file, nowhere. */
export const SWAP_MEMORY: u32 = 1
export const SWAP_FILE: u32 = 2
export const SWAP_NONE: u32 = 3

/** States of an area: slots are taken; it is being emptied, and none are. */
export const SWAP_OFF: u32 = 0
export const SWAP_ON: u32 = 1
export const SWAP_LEAVING: u32 = 2
