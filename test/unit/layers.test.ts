import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const assembly = `${root}assembly/`

/** The core's folders: each imports itself and those before it. */
const LAYERS = ['abi', 'lib', 'policy', 'sync', 'phys', 'map', 'ipc', 'mm', 'fs', 'proc', 'reclaim', 'call', 'debug', 'entry']
/** Folders that import less than their place allows. */
const ONLY: Readonly<Record<string, readonly string[]>> = { abi: ['abi'], policy: ['abi', 'lib', 'policy'] }
const MAX_LINES = 500

/** The TypeScript sources below a folder, relative to it. */
function sourcesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')) : []
}

/** The core's sources, relative to assembly/, and what each imports or exports from. */
const imports = new Map(
  sourcesIn(assembly)
    .filter(file => !file.startsWith('rt/'))
    .map(file => {
      const source = readFileSync(assembly + file, 'utf8')
      const targets = source.matchAll(/^(?:(?:import|export)\s+(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+|import\s+)['"]([^'"]+)['"]/gm)
      return [file, [...targets].map(([, target = '']) => `${posix.join(posix.dirname(file), target)}.ts`)] as const
    }),
)

/** A source's folder; an empty string for the modules' entry files. */
function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : ''
}

/** A chain of imports that comes back to where it began. */
function cycleFrom(file: string, path: readonly string[], done: Set<string>): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
  if (done.has(file)) return undefined
  for (const target of imports.get(file) ?? []) {
    const cycle = cycleFrom(target, [...path, file], done)
    if (cycle) return cycle
  }
  done.add(file)
  return undefined
}

describe('the core', () => {
  it('is made of the layers of its design', () => {
    expect([...imports.keys()].map(folderOf).filter(folder => folder !== '' && !LAYERS.includes(folder))).toEqual([])
  })

  it('imports only what exists', () => {
    const missing = [...imports].flatMap(([file, targets]) => targets.filter(t => !imports.has(t)).map(t => `${file} imports ${t}`))
    expect(missing).toEqual([])
  })

  it('imports downwards', () => {
    const wrong = [...imports].flatMap(([file, targets]) => {
      const folder = folderOf(file)
      if (folder === '') return []
      const allowed = ONLY[folder] ?? LAYERS.slice(0, LAYERS.indexOf(folder) + 1)
      return targets.filter(target => !allowed.includes(folderOf(target))).map(target => `${file} imports ${target}`)
    })
    expect(wrong).toEqual([])
  })

  it('has no cycle of imports', () => {
    const done = new Set<string>()
    expect([...imports.keys()].map(file => cycleFrom(file, [], done)).filter(Boolean)).toEqual([])
  })
})

it('no source is longer than 500 lines', () => {
  const long = ['assembly', 'src', 'test', 'bench']
    .flatMap(folder => sourcesIn(root + folder).map(file => `${folder}/${file}`))
    .filter(file => !file.endsWith('.gen.ts'))
    .map(file => [file, readFileSync(root + file, 'utf8').split('\n').length - 1] as const)
    .filter(([, lines]) => lines > MAX_LINES)
  expect(long).toEqual([])
})
