// Builds the core: every wasm module in both targets, and the sources generated from it.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { builtinPolicies, compile, PACKAGE_ROOT, replayEntry, type Target } from './compile.js'
import { renderLayouts, StructLayouts } from './layout.js'

const OUT = `${PACKAGE_ROOT}dist/core/`

/** Writes a generated source to src/ if it changed; says whether it did. */
async function generate(name: string, contents: string): Promise<boolean> {
  const path = `${PACKAGE_ROOT}src/core/${name}`
  if ((await readFile(path, 'utf8').catch(() => '')) === contents) return false
  await writeFile(path, contents)
  return true
}

const policies = await builtinPolicies()
const sources = new Map([['assembly/replay.gen.ts', replayEntry(policies)]])
const layouts = new StructLayouts(['assembly/replay/Replay'])
await mkdir(OUT, { recursive: true })
for (const target of ['release', 'debug'] satisfies Target[]) {
  const outputs = await compile({ entry: 'assembly/replay.gen.ts', target, sources, transforms: [layouts] })
  for (const [file, bytes] of outputs) await writeFile(OUT + file.replace('.gen.wasm', target === 'debug' ? '.debug.wasm' : '.wasm'), bytes)
}
const infos = policies.map(({ module: _, ...info }) => info)
const changed = [
  await generate(
    'policies.gen.ts',
    `// GENERATED from the doc comments in assembly/policy by the build; do not edit.\nimport type { PolicyInfo } from './policyInfo.js'\n\n/** The built-in policies; the index is the policy's number in the core. */\nexport const BUILTIN_POLICIES: readonly PolicyInfo[] = ${JSON.stringify(infos, null, 2)}\n`,
  ),
  await generate('layout.gen.ts', renderLayouts(layouts)),
]
if (changed.includes(true)) process.exitCode = 3
