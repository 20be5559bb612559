// The core's compiled modules, each compiled once a thread, and the memories they run in.
import { readFileSync } from 'node:fs'
import { InputError } from './errors.js'

const modules = new Map<string, WebAssembly.Module>()

/** The module `name` of the core, such as `replay`; the debug build checks its assertions. */
export function coreModule(name: string, target: 'release' | 'debug' = 'release'): WebAssembly.Module {
  const file = target === 'debug' ? `${name}.debug.wasm` : `${name}.wasm`
  const known = modules.get(file)
  if (known) return known
  const module = new WebAssembly.Module(readFileSync(new URL(`./${file}`, import.meta.url)))
  modules.set(file, module)
  return module
}

/**
 * A memory for a module that may grow to 4 GiB, or to `maximum` wasm pages.
 *
 * Throws an InputError if the process may not have so much address space, as under `ulimit -v`.
 */
export function coreMemory({ maximum = 65536, shared = false }: { maximum?: number; shared?: boolean } = {}): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 16, maximum, shared })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InputError(
      'this process gets no address space for another engine, some GiB each whatever is used of them; raise its limit (ulimit -v) or take fewer jobs',
    )
  }
}
