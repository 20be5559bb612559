// Builds the core: every wasm module in both targets, and the sources generated from it.
import { mkdir, writeFile } from 'node:fs/promises'
import { builtinPolicies, type CompileOptions, compile, PLAIN_MODULES, replayEntry } from './compile.js'
import { renderLayouts, StructLayouts } from './layout.js'
import { PACKAGE_ROOT } from './paths.js'

const OUT = `${PACKAGE_ROOT}dist/core/`

/** Writes a generated source to src/. The host is compiled once without checking it to run this, then checked against what this wrote. */
function generate(name: string, contents: string): Promise<void> {
  return writeFile(`${PACKAGE_ROOT}src/core/${name}`, contents)
}

/** Compiles a module in both targets, `dist/core/NAME.wasm` and `NAME.debug.wasm`; returns its layouts. */
async function build(
  name: string,
  structs: Iterable<string>,
  options: Omit<CompileOptions, 'target' | 'transforms'>,
): Promise<StructLayouts> {
  const layouts = new StructLayouts(structs)
  for (const target of ['release', 'debug'] as const) {
    for (const [file, bytes] of await compile({ ...options, target, transforms: [layouts] })) {
      const [suffix] = /\.wasm(\.map)?$/.exec(file) ?? []
      if (suffix) await writeFile(`${OUT}${name}${target === 'debug' ? '.debug' : ''}${suffix}`, bytes)
    }
  }
  return layouts
}

const policies = await builtinPolicies()
await mkdir(OUT, { recursive: true })
const layouts = [
  await build('replay', ['assembly/replay/Replay'], {
    entry: 'assembly/replay.gen.ts',
    sources: new Map([['assembly/replay.gen.ts', replayEntry(policies)]]),
  }),
]
for (const { name, structs, sharedMemory = false } of PLAIN_MODULES) {
  const entry = `assembly/${name}.ts`
  layouts.push(
    await build(
      name,
      structs.map(struct => `assembly/${name}/${struct}`),
      { entry, sharedMemory },
    ),
  )
}
const infos = policies.map(({ module: _, ...info }) => info)
await generate(
  'policies.gen.ts',
  `// GENERATED from the doc comments in assembly/policy by the build; do not edit.
import type { PolicyInfo } from './policyInfo.js'

/** The built-in policies; the index is the policy's number in the core. */
export const BUILTIN_POLICIES: readonly PolicyInfo[] = ${JSON.stringify(infos, null, 2)}
`,
)
await generate('layout.gen.ts', renderLayouts(layouts))
