// A user's own policy: one file outside the project, of the same shape as those in
// assembly/policy, compiled on the spot into a replay module that holds it alone.
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { CompileError, compile, type Diagnostic, type PolicySource, replayEntry } from './compile.js'
import { InputError, UsageError } from './errors.js'
import { diskPath, outsidePath } from './paths.js'
import { describePolicy, type PolicyInfo } from './policyInfo.js'
import { withSourceMap } from './traps.js'

/** A compiled policy; its number in the module is 0. */
export interface UserPolicy {
  info: PolicyInfo
  /** Can be posted to a worker. */
  module: WebAssembly.Module
}

/** The hooks that the engine calls, as it calls them. */
const HOOKS: Readonly<Record<string, string>> = {
  footprint: 'footprint(slots: u32, params: Params): usize',
  init: 'init(params: Params): void',
  access: 'access(slot: u32): void',
  miss: 'miss(key: u32, shadow: u32): bool',
  evict: 'evict(): u32',
  shadow: 'shadow(slot: u32): u32',
  insert: 'insert(slot: u32, key: u32): void',
  surplus: 'surplus(): u32',
  countsAsHit: 'countsAsHit(): bool',
  putback: 'putback(slot: u32, key: u32): void',
  remove: 'remove(slot: u32): void',
  check: 'check(resident: u32): void',
  seesFuture: 'get seesFuture(): bool',
  wantsIds: 'wantsIds(params: Params): bool',
}

const ENTRY = 'assembly/user.gen.ts'

/** How many of the compiler's complaints are shown. */
const SHOWN = 5

/**
 * Compiles the policy in the file `path`.
 *
 * Throws an InputError if the file cannot be read or does not compile (naming file, line and
 * column), and a UsageError if its doc comment does not describe a policy.
 */
export async function loadUserPolicy(path: string): Promise<UserPolicy> {
  const source = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(error.code === 'ENOENT' ? `${path}: no such file` : `${path}: cannot be read (${error.code})`)
  })
  const info = describe(source, path)
  const policy: PolicySource = { ...info, module: `../${outsidePath(path).replace(/\.ts$/, '')}` }
  try {
    const outputs = await compile({ entry: ENTRY, target: 'checked', sources: new Map([[ENTRY, replayEntry([policy])]]) })
    const wasm = outputs.get('user.gen.wasm')
    const map = outputs.get('user.gen.wasm.map')
    if (!wasm || !map) throw new Error('asc wrote no module')
    return { info, module: new WebAssembly.Module(withSourceMap(wasm, map)) }
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    const complaints = error.diagnostics.map(diagnostic => explain(diagnostic, path, info.className, source))
    const shown = [...new Set(complaints)].slice(0, SHOWN)
    throw new InputError(shown.length > 0 ? shown.join('\n') : `${path}: ${error.message}`)
  }
}

/** Reads the doc comment; what is wrong with it is the user's to mend. */
function describe(source: string, path: string): PolicyInfo {
  try {
    return describePolicy(source, path)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** A complaint of the compiler as one line that begins with file, line and column. */
function explain({ message, file, text, offset }: Diagnostic, path: string, className: string, source: string): string {
  const own = message.replaceAll(/(['"])~?[\w./-]*\/(\w+)\1/g, '$1$2$1')
  if (file === undefined || text === undefined || offset === undefined) return `${path}: ${own}`
  if (file.startsWith('assembly/rt/')) {
    return `${path}: needs a managed object (new, an array, a string, a closure), which a policy cannot have: its state lives in the memory of its footprint`
  }
  if (file === outsidePath(path)) return `${place(path, text, offset)}: ${own}`
  if (!file.startsWith('assembly/')) return `${place(relative('.', diskPath(file)), text, offset)}: ${own}`
  // The engine's own code does not fit the user's class: say which hook, and point at that.
  const line = text.slice(text.lastIndexOf('\n', offset) + 1, text.indexOf('\n', offset))
  const hook = Object.keys(HOOKS).find(name => new RegExp(`\\.${name}\\b`).test(line))
  if (!hook) return `${place(path, source, classAt(source, className))}: ${className} does not fit the engine: ${own}`
  const defined = new RegExp(`^\\s*(?:get\\s+)?${hook}\\s*\\(`, 'm').exec(source)
  const at = defined ? defined.index + defined[0].search(/\S/) : classAt(source, className)
  return `${place(path, source, at)}: ${className} ${defined ? 'defines' : 'lacks'} ${hook}; the engine calls ${HOOKS[hook]} (${own})`
}

function classAt(source: string, className: string): number {
  return Math.max(0, source.indexOf(`class ${className}`))
}

/** `file:line:column` of an offset in a text. */
function place(file: string, text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}
