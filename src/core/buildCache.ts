// Remembers what a module of the core was compiled from, so that the build leaves alone what has not changed.
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { diskPath, PACKAGE_ROOT } from './paths.js'

/** What was made, and what of. */
interface Stamp {
  /** Of what every module depends on beside its sources. */
  key: string
  /** Every file that was asked for, each with the hash of its text. */
  sources: Record<string, string>
  result: unknown
}

/** A module's name, sources that are not on disk, by path, and the files that are made of it. */
export interface Remembered {
  name: string
  given: ReadonlyMap<string, string>
  outputs: readonly string[]
}

const CACHE = `${PACKAGE_ROOT}dist/.cache/`

/** The hash of a text; a file that is not there has one, too. */
function hash(text: string | null): string {
  return createHash('sha256')
    .update(text ?? 'absent\0')
    .digest('base64')
}

/** Of the compiler, its settings, and the build itself. */
async function commonKey(): Promise<string> {
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json') as { version: string }
  const own = ['asconfig.json', 'dist/core/build.js', 'dist/core/compile.js', 'dist/core/layout.js']
  return hash([version, ...(await Promise.all(own.map(path => readFile(PACKAGE_ROOT + path, 'utf8'))))].join('\n'))
}

/** Whether all that a module was made of is the same, and what was made of it is still there. */
async function isFresh({ key, sources }: Stamp, now: string, { given, outputs }: Remembered): Promise<boolean> {
  if (key !== now) return false
  const same = Object.entries(sources).map(async ([path, digest]) => {
    const text = given.get(path) ?? (await readFile(diskPath(path), 'utf8').catch(() => null))
    return hash(text) === digest
  })
  const there = outputs.map(path =>
    access(path).then(
      () => true,
      () => false,
    ),
  )
  return (await Promise.all([...same, ...there])).every(Boolean)
}

/** What `make` returned when it last ran, if nothing of what it read then has changed; else what it returns now. */
export async function remembered<Result>(
  module: Remembered,
  make: (onRead: (file: string, text: string | null) => void) => Promise<Result>,
): Promise<Result> {
  const file = `${CACHE}${module.name}.json`
  const key = await commonKey()
  const stamp = (await readFile(file, 'utf8').then(JSON.parse, () => undefined)) as Stamp | undefined
  if (stamp && (await isFresh(stamp, key, module))) return stamp.result as Result
  const sources: Record<string, string> = {}
  const result = await make((path, text) => {
    sources[path] = hash(text)
  })
  await mkdir(CACHE, { recursive: true })
  await writeFile(file, JSON.stringify({ key, sources, result } satisfies Stamp))
  return result
}
