// How a machine's frames are divided, and what linear memory that needs.
import { FRAME_SIZE, FRAME_TABLE, PAGE_SIZE } from '../abi/layout.gen.js'

/** Frames of a machine, and of its linear memory. */
export interface MachineSize {
  /** All frames. */
  frames: number
  /** Frames that have bytes: all of them, or those of the machine's own structs and tables. */
  lowFrames: number
  /** Pages of WebAssembly, of 64 KiB. */
  wasmPages: number
}

const WASM_PAGE = 65536
const MAX_WASM_PAGES = 65535
/** Bytes a frame of which validate() makes use. */
const TALLY_SIZE = 4
/**
 * Without contents: bytes of tables and objects for each frame. A page that is mapped once takes 8 in a page table
 * and, if an object has it, 6 in the object's tree; so this suffices for seven processes that map all of memory.
 */
const KERNEL_BYTES = 64
/** Without contents: bytes of tables and objects in any machine. */
const KERNEL_BASE = 2 ** 20

/** Without contents: the least number of frames that users' pages have. */
const LEAST_USER_FRAMES = 256

/** Less than this is no machine, whatever is in it: its fixed regions alone take as much. */
const LEAST_BYTES = FRAME_TABLE

/** Without contents: bytes for each frame of what a policy of its own keeps of it, at most. */
const POLICY_BYTES = 48

/** Divides `bytes` of memory, with room for a policy's books or not; throws a RangeError if they are more than a linear memory of 4 GiB can hold or keep books on, or too few. */
export function divideMemory(bytes: number, contents: boolean, policy = false): MachineSize {
  if (bytes < LEAST_BYTES) throw new RangeError(`${bytes} bytes are too little memory for a machine, which needs some megabytes: '64MiB'`)
  const frames = Math.floor(bytes / PAGE_SIZE)
  const own = Math.ceil((FRAME_TABLE + frames * FRAME_SIZE) / PAGE_SIZE)
  const kernel = Math.ceil((KERNEL_BASE + frames * (KERNEL_BYTES + (policy ? POLICY_BYTES : 0))) / PAGE_SIZE)
  const lowFrames = contents ? frames : own + kernel
  if (!contents && lowFrames + LEAST_USER_FRAMES > frames)
    throw new RangeError(`${bytes} bytes are too little memory for a machine without contents`)
  const wasmPages = Math.ceil((lowFrames * PAGE_SIZE + frames * TALLY_SIZE) / WASM_PAGE)
  if (wasmPages > MAX_WASM_PAGES) {
    const most = contents ? '4 GiB less 5 MiB, or 163 GiB with contents: false' : '163 GiB'
    throw new RangeError(`${bytes} bytes are more than a machine ${contents ? '' : 'without contents '}can have: the most is ${most}`)
  }
  return { frames, lowFrames, wasmPages }
}
