// Node's own modules, where there are any: asked for by name while running, so that nothing of the machine names them
// in an import and the same files load in a browser.

/** Whether this is Node, or something that does as it does. */
export const isNode: boolean = typeof process === 'object' && typeof process.getBuiltinModule === 'function'

/** A module of Node's. Throws an Error in a browser, for which it says what is missing. */
export function builtin<Name extends keyof Builtins>(name: Name, what: string): Builtins[Name] {
  if (!isNode) throw new Error(`${what} needs Node`)
  return process.getBuiltinModule(name) as Builtins[Name]
}

interface Builtins {
  'node:fs': typeof import('node:fs')
  'node:worker_threads': typeof import('node:worker_threads')
  'node:zlib': typeof import('node:zlib')
}
