// The core's compiled modules, each compiled once a thread, and the memories they run in.
import { builtin, isNode } from '../host/builtin.js'
import { InputError } from './errors.js'

const modules = new Map<string, WebAssembly.Module>()

function fileOf(name: string, target: 'release' | 'debug'): string {
  return target === 'debug' ? `${name}.debug.wasm` : `${name}.wasm`
}

/** The module `name` of the core, such as `replay`; the debug build checks its assertions. In a browser it must have been loaded before. */
export function coreModule(name: string, target: 'release' | 'debug' = 'release'): WebAssembly.Module {
  const file = fileOf(name, target)
  const known = modules.get(file)
  if (known) return known
  const bytes = builtin('node:fs', `a module that was not loaded, ${file},`).readFileSync(new URL(`./${file}`, import.meta.url))
  const module = new WebAssembly.Module(bytes)
  modules.set(file, module)
  return module
}

/** A module of the core; in a browser it is fetched. Rejects with an InputError if it is not there. */
export async function loadCoreModule(name: string, target: 'release' | 'debug'): Promise<WebAssembly.Module> {
  const file = fileOf(name, target)
  const known = modules.get(file)
  if (isNode || known) return known ?? coreModule(name, target)
  const url = new URL(`./${file}`, import.meta.url)
  const response = await fetch(url)
  if (!response.ok) throw new InputError(`${url.href} is not there: ${response.status} ${response.statusText}`)
  // whatever type the server says it has
  const module = await WebAssembly.compile(await response.arrayBuffer())
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
