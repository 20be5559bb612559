// Where the blocks of disks are, as a thread of the host reaches them: in the memory that swap areas are in, too, or in files of
// Node's, which each thread opens for itself. Which disk is where stands in the machine's memory.
import { DISK_FILE } from '../abi/disk.gen.js'
import { EIO } from '../abi/errno.gen.js'
import { MOUNT_SIZE, MOUNTS } from '../abi/layout.gen.js'
import { MountIndex, MountLayout } from '../core/layout.gen.js'
import { openFile, openMemory, type Store } from './store.js'
import type { SwapBackings } from './swapBackings.js'

/** The disks of a machine, for one thread. */
export class Disks {
  readonly #bytes: Uint8Array<SharedArrayBuffer>
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #swap: SwapBackings
  readonly #open: (Store | undefined)[] = []

  /** Of the machine in this memory, whose swap areas in memory are where its disks in memory are. */
  constructor(memory: SharedArrayBuffer, swap: SwapBackings) {
    this.#bytes = new Uint8Array(memory)
    this.#words = new Int32Array(memory)
    this.#swap = swap
  }

  /** Reads a block to an address: 0, or -EIO. */
  read(disk: number, block: number, address: number): number {
    return this.#store(disk)?.read(block, address) ? 0 : -EIO
  }

  /** Writes the page at an address to a block: 0, or -EIO. */
  write(disk: number, block: number, address: number): number {
    return this.#store(disk)?.write(block, address) ? 0 : -EIO
  }

  #field(disk: number, field: Exclude<keyof typeof MountLayout, 'SIZE'>): number {
    return Atomics.load(this.#words, (MOUNTS + (MountIndex.Disk + disk) * MOUNT_SIZE + MountLayout[field]) >>> 2) >>> 0
  }

  /** A disk's store, opened unless it is; undefined if it cannot be. */
  #store(disk: number): Store | undefined {
    try {
      this.#open[disk] ??= this.#openStore(disk)
      return this.#open[disk]
    } catch {
      return undefined
    }
  }

  #openStore(disk: number): Store {
    if (this.#field(disk, 'backing') === DISK_FILE) {
      const path = this.#field(disk, 'path')
      const name = new TextDecoder().decode(this.#bytes.slice(path, path + this.#field(disk, 'pathLength')))
      return openFile(this.#bytes, name, 'a disk in a file')
    }
    if (!this.#swap.store) throw new Error('no memory for disks')
    return openMemory(this.#bytes, this.#swap.store, this.#field(disk, 'base'))
  }
}
