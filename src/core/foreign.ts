// What a thread is given to enter a machine, looked at before it is used: it may come from elsewhere.
import { ABI_VERSION, FRAME_TABLE, MAGIC, SUPERBLOCK } from '../abi/layout.gen.js'
import { InputError } from './errors.js'
import { SuperblockLayout } from './layout.gen.js'
import { LAYOUT_HASH } from './layoutHash.gen.js'
import { layoutHashOf } from './section.js'

/** The bytes of a memory that a machine can be in. Throws an InputError if it is no shared WebAssembly.Memory, or too small. */
export function sharedBytes(memory: WebAssembly.Memory): SharedArrayBuffer {
  const buffer: unknown = memory instanceof WebAssembly.Memory ? memory.buffer : undefined
  if (!(buffer instanceof SharedArrayBuffer)) throw new InputError('a machine lives in a shared WebAssembly.Memory; this is none')
  if (buffer.byteLength < FRAME_TABLE) throw new InputError('this memory is too small to hold a machine')
  return buffer
}

/** Throws an InputError unless the module is the kernel of this version. */
export function checkModule(module: WebAssembly.Module): void {
  if (!(module instanceof WebAssembly.Module)) throw new InputError('the kernel is a WebAssembly.Module; this is none')
  if (layoutHashOf(module) !== LAYOUT_HASH) throw new InputError("this module is another build's kernel, or none at all")
}

/** Throws an InputError unless a machine of this version is in the memory. */
export function checkMachine(view: DataView<SharedArrayBuffer>): void {
  const word = (offset: number): number => view.getUint32(SUPERBLOCK + offset, true)
  if (word(SuperblockLayout.magic) !== MAGIC) throw new InputError('this memory holds no machine')
  if (word(SuperblockLayout.abi) !== ABI_VERSION || word(SuperblockLayout.layoutHash) !== LAYOUT_HASH)
    throw new InputError("this memory holds another version's machine, which is laid out differently")
}
