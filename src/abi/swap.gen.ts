// GENERATED from assembly/abi/swap.ts by the build; do not edit.
// Numbers of swap areas: the bits of a swap entry, backings, and what a file's header says (mkswap(8)).

/** The most areas at once. */
export const SWAP_AREA_COUNT = 8
/** Bits of a slot's number in a swap entry; the area's number stands above. Slot 0 is the header. */
export const SWAP_SLOT_BITS = 25

/** In a slot's flags: its page is zeros, and not stored. */
export const SLOT_ZEROS = 1

/** Instead of the bytes that a slot's page takes compressed: it is one word over and over. */
export const SLOT_SAME = 0xffff

/** Of an area: it is on a disk that rotates; it counts what its pages take compressed. */
export const SWAP_ROTATES = 1
export const SWAP_COMPRESSES = 2

/** Where an area's pages are: in the host's memory, in a file, nowhere. */
export const SWAP_MEMORY = 1
export const SWAP_FILE = 2
export const SWAP_NONE = 3

/** States of an area: slots are taken; it is being emptied, and none are. */
export const SWAP_OFF = 0
export const SWAP_ON = 1
export const SWAP_LEAVING = 2
