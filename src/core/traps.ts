// Says where in its source a module trapped. A checked module carries its source map in a
// custom section, so that it can be posted to a worker and explain itself there.
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module'
import { relative } from 'node:path'
import { InputError } from './errors.js'
import { diskPath } from './paths.js'
import { withSection } from './section.js'

const SECTION = 'faultline.sourceMap'

/** The module with its source map in a custom section. */
export function withSourceMap(wasm: Uint8Array, map: Uint8Array): Uint8Array<ArrayBuffer> {
  return withSection(wasm, SECTION, map)
}

/** A sentence for each Fault of assembly/replay.ts. */
const FAULTS: readonly (string | undefined)[] = [
  undefined,
  'footprint() returned less than the HEADER',
  'evict() returned a slot that does not exist',
  'the policy wrote outside its footprint, over the tables of the engine',
  'shadow() returned a number of more than 30 bits',
]

/**
 * An InputError that says what went wrong and where, if a checked module trapped; any other
 * error as it is. `fault` is what the engine found wrong with the policy, or 0.
 */
export function explainTrap(error: unknown, module: WebAssembly.Module, label: string, fault: number): unknown {
  const [section] = WebAssembly.Module.customSections(module, SECTION)
  if (!section || !(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) return error
  if (FAULTS[fault]) return new InputError(`policy ${label}: ${FAULTS[fault]}`)
  const source = origin(section, error)
  if (!source?.file || source.file.startsWith('assembly/')) {
    const hint = source?.claim ?? `${error.message}; is the footprint as large as what the policy writes to?`
    return new InputError(`policy ${label}: ${hint}`)
  }
  return new InputError(
    `policy ${label}: ${source.claim ?? error.message} (${relative('.', diskPath(source.file))}:${source.line}:${source.column})`,
  )
}

/** Where in the sources a trap was, and what the assertion there claims, if it is one. */
function origin(
  section: ArrayBuffer,
  error: Error,
): { file: string | undefined; line: number; column: number; claim?: string } | undefined {
  const offset = /wasm-function\[\d+\]:0x([0-9a-f]+)/.exec(error.stack ?? '')?.[1]
  if (offset === undefined) return undefined
  const payload = JSON.parse(new TextDecoder().decode(section)) as SourceMapPayload
  const entry: Partial<SourceMapping> = new SourceMap(payload).findEntry(0, Number.parseInt(offset, 16))
  const { originalSource, originalLine = 0, originalColumn = 0 } = entry
  const index = payload.sources.findIndex(source => originalSource?.endsWith(source))
  const line = payload.sourcesContent[index]?.split('\n')[originalLine] ?? ''
  const claim = /\bassert\(.*?(['"])(?:\w+: )?(.*)\1\)?\s*$/.exec(line)?.[2]
  return { file: payload.sources[index], line: originalLine + 1, column: originalColumn + 1, ...(claim !== undefined && { claim }) }
}
