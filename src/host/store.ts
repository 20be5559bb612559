// Moving pages between a machine's memory and where they are kept: a memory of the host's, or a file of Node's.
import { PAGE_SIZE } from '../abi/layout.gen.js'
import { builtin } from './builtin.js'

/** Moves a page between a place, counted in pages, and an address of the machine's memory; false if it cannot. */
type Mover = (page: number, address: number) => boolean

/** Where pages are kept, as a thread opened it. */
export interface Store {
  read: Mover
  write: Mover
  close(): void
}

/** A part of a memory, from a page on. */
export function openMemory(machine: Uint8Array<SharedArrayBuffer>, memory: SharedArrayBuffer, base: number): Store {
  const store = new Uint8Array(memory)
  return {
    read: (page, address) => {
      const at = (base + page) * PAGE_SIZE
      machine.set(store.subarray(at, at + PAGE_SIZE), address)
      return true
    },
    write: (page, address) => {
      store.set(machine.subarray(address, address + PAGE_SIZE), (base + page) * PAGE_SIZE)
      return true
    },
    close: () => {},
  }
}

/** A file. Throws what opening it throws, or an Error where there are none; `what` says what is there. */
export function openFile(machine: Uint8Array<SharedArrayBuffer>, path: string, what: string): Store {
  const fs = builtin('node:fs', what)
  const fd = fs.openSync(path, 'r+')
  type Call = (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => number
  const move =
    (call: Call): Mover =>
    (page, address) => {
      try {
        return call(fd, machine, address, PAGE_SIZE, page * PAGE_SIZE) === PAGE_SIZE
      } catch {
        return false
      }
    }
  return { read: move(fs.readSync), write: move(fs.writeSync), close: () => fs.closeSync(fd) }
}
