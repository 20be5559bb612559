// The core's compiled modules, each compiled once a thread.
import { readFileSync } from 'node:fs'

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
