// Compiles the sched build: the debug build with schedule points, without spinning, and made so that a thread can be
// left in the middle of a call and taken up again (Binaryen's Asyncify). It exists in memory only.
import { readdir, readFile } from 'node:fs/promises'
import { PID_MAX, PIDS } from '#dist/abi/layout.gen.js'
import { compile } from '#dist/core/compile.js'
import { PACKAGE_ROOT } from '#dist/core/paths.js'
import { type Instrumentation, instrumenter } from './instrument.js'

/** A change to a source: the text `from`, which stands there exactly once, becomes `to`. */
export interface Patch {
  file: string
  from: string
  to: string
}

/** A protocol with a step left out or done wrongly: what the exploration must notice. */
export interface Mutation {
  name: string
  /** Programs of which some schedule shows it. */
  cases: readonly string[]
  /** Statements, or expressions in parentheses, and what stands in their place. */
  patches: readonly (Patch & { expression?: boolean })[]
}

/** The build, and what is known of it. */
export interface SchedBuild extends Instrumentation {
  module: WebAssembly.Module
  mutations: readonly Mutation[]
  /** The mutation that is in force, by its place in the list from 1 on; 0 for none. */
  mutation: number
}

/** How to build. */
export interface BuildOptions {
  /** Mutations that the build can be switched to. */
  mutations?: readonly Mutation[]
  /** Whether every access to memory is a point, not just the atomic ones and those of processes. */
  fine?: boolean
  /** Whether to compile fast and run slower. */
  quick?: boolean
}

/** Where a thread spins before it sleeps, it sleeps at once: that is one point instead of many. */
const SPINS = /^((?:export )?const SPINS: u32) = \d+$/m

/** Pids are below this. */
const PIDS_HERE = 16

/** What every sched build changes: few pids, so that looking through all of them takes no time, a small TLB, and a kswapd that soon gives up, for the same reason. */
const SMALLER: readonly Patch[] = [
  {
    file: 'assembly/abi/layout.ts',
    from: `export const PID_MAX: u32 = ${PID_MAX}`,
    to: `export const PID_MAX: u32 = ${PIDS_HERE}`,
  },
  { file: 'assembly/reclaim/scanControl.ts', from: 'export const DEF_PRIORITY: i32 = 12', to: 'export const DEF_PRIORITY: i32 = 3' },
  { file: 'assembly/phys/zone.ts', from: 'const MAX_FAILURES: u32 = 16', to: 'const MAX_FAILURES: u32 = 3' },
  { file: 'assembly/map/tlb.ts', from: 'const ENTRIES: u32 = 512', to: 'const ENTRIES: u32 = 16' },
]

/** Address of the frames' structs in a machine of the sched build. */
export const FRAME_TABLE = PIDS + PIDS_HERE * 4

/** Tells a mutated source which mutation is in force. */
const DECLARATION = "\n@external('host', 'mutation')\ndeclare function mutation(): u32\n"

/** A text in which both stand, what a patch replaces and what by, to be switched between. */
function switched({ from, to, expression = false }: Patch & { expression?: boolean }, number: number): string {
  return expression ? `(mutation() === ${number} ? ${to} : ${from})` : `{ if (mutation() === ${number}) { ${to} } else { ${from} } }`
}

/** The core's sources that the build changes, by their path from the package's root. */
async function changedSources(mutations: readonly Mutation[]): Promise<Map<string, string>> {
  const sources = new Map<string, string>()
  for (const entry of await readdir(`${PACKAGE_ROOT}assembly`, { recursive: true })) {
    if (!entry.endsWith('.ts')) continue
    const path = `assembly/${entry}`
    const text = await readFile(PACKAGE_ROOT + path, 'utf8')
    if (SPINS.test(text)) sources.set(path, text.replace(SPINS, '$1 = 0'))
  }
  const apply = async ({ file, from, to }: Patch, declared: string): Promise<void> => {
    const text = sources.get(file) ?? (await readFile(PACKAGE_ROOT + file, 'utf8'))
    if (text.split(from).length !== 2) throw new Error(`${file} has not exactly once what a patch replaces:\n${from}`)
    sources.set(file, text.replace(from, () => to) + (text.endsWith(declared) ? '' : declared))
  }
  for (const patch of SMALLER) await apply(patch, '')
  for (const [index, { patches }] of mutations.entries()) {
    for (const patch of patches) await apply({ ...patch, to: switched(patch, index + 1) }, DECLARATION)
  }
  return sources
}

/** Compiles it. Throws an Error if a source has no more what a mutation replaces. */
export async function buildSched({ mutations = [], fine = false, quick = false }: BuildOptions = {}): Promise<SchedBuild> {
  const found: Instrumentation = { sites: [], structs: new Map() }
  const outputs = await compile({
    entry: 'assembly/kernel.ts',
    target: 'debug',
    sharedMemory: true,
    sources: await changedSources(mutations),
    transforms: [instrumenter(found, fine)],
    passes: ['asyncify'],
    ...(quick && { optimizeLevel: 0 }),
  })
  const module = new WebAssembly.Module(outputs.get('kernel.wasm') as Uint8Array<ArrayBuffer>)
  return { module, mutations, mutation: 0, ...found }
}
