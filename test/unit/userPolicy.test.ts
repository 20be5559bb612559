import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { choosePolicies, choosePolicy } from '#dist/core/policies.js'
import { type ReplayCounts, Replayer, WRITE } from '#dist/core/replayer.js'
import { xorshift } from '../policy/traces.ts'

const FRAMES = 50
const PAGES = 300
let folder = ''
let lru = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-'))
  const source = await readFile(new URL('../../assembly/policy/lru.ts', import.meta.url), 'utf8')
  lru = source
    .replace("'../lib/list'", "'faultline/list'")
    .replace("'./policy'", "'faultline/policy'")
    .replace('@policy lru', '@policy mine')
})
afterAll(() => rm(folder, { recursive: true }))

/** Writes the LRU policy, with one piece of its source replaced, and returns its path. */
async function variant(from: string | RegExp = '', to = ''): Promise<string> {
  const path = join(folder, 'mine.ts')
  const source = lru.replace(from, to)
  if (from !== '') expect(source, 'the piece to replace is there').not.toBe(lru)
  await writeFile(path, source)
  return path
}

/** A skewed trace with a third of writes. */
function trace(): Uint32Array {
  const next = xorshift(7)
  return Uint32Array.from({ length: 20_000 }, () => {
    const page = Math.floor(((next() % PAGES) * (next() % PAGES)) / PAGES)
    return next() % 3 === 0 ? page | WRITE : page
  })
}

async function replayed(spec: string): Promise<ReplayCounts> {
  const [policy] = await choosePolicies([spec])
  if (!policy) throw new Error('no policy')
  const replayer = new Replayer({ policy, frames: FRAMES, pages: PAGES })
  replayer.run(trace())
  return replayer.counts
}

describe('a policy in a file outside the project', () => {
  it('evicts as the same policy built in', async () => {
    const path = await variant()
    const builtIn = new Replayer({ policy: choosePolicy('lru'), frames: FRAMES, pages: PAGES })
    builtIn.run(trace())
    expect(await replayed(path)).toEqual(builtIn.counts)
    expect(builtIn.counts.dirtyEvictions).toBeGreaterThan(0)
  })

  it('mixes with built-in policies and takes parameters by name', async () => {
    const path = await variant(' * @paper', ' * @param small 0.1 in 0..1: what is small\n * @paper')
    const choices = await choosePolicies(['lru', `${path}:small=0.5`, path])
    expect(choices.map(({ label, values, index }) => ({ label, values, index }))).toEqual([
      { label: 'lru', values: [], index: choosePolicy('lru').index },
      { label: 'mine:small=0.5', values: [0.5], index: 0 },
      { label: 'mine', values: [0.1], index: 0 },
    ])
    expect(choices[0]?.module).toBeUndefined()
    expect(choices[1]?.module, 'compiled once').toBe(choices[2]?.module)
    await expect(choosePolicies([`${path}:small=7`])).rejects.toThrow('policy mine: small is a number from 0 to 1')
  })

  it('imports other files of its folder', async () => {
    await writeFile(
      join(folder, 'helper.ts'),
      "import { Link } from 'faultline/list'\n\nexport function tailOf(list: Link): Link {\n  return list.prev\n}\n",
    )
    const path = join(folder, 'mine.ts')
    const source = `import { tailOf } from './helper'\n${lru.replace('= this.tail', '= tailOf(this.list)')}`
    await writeFile(path, source)
    expect(await replayed(path)).toEqual(await replayed(await variant()))
  })
})

describe('a file that is no policy is refused in one sentence', () => {
  it.each([
    ['a syntax error', 'victim.unlink()', 'victim.unlink(', 'InputError', /mine\.ts:40:5: Expression expected/],
    ['a type error', 'return this.slotOf(victim)', 'return 1.5', 'InputError', /mine\.ts:40:12: Conversion from type 'f64' to 'u32'/],
    ['an unknown name', 'victim.unlink()', 'vctim.unlink()', 'InputError', /mine\.ts:39:5: Cannot find name 'vctim'/],
    ['a wrong import', "'faultline/list'", "'faultline/lists'", 'InputError', /mine\.ts:1:22: File .*lists\.ts' not found/],
    ['a missing hook', 'evict(): u32', 'evict2(): u32', 'InputError', /mine\.ts:13:8: Lru lacks evict; the engine calls evict\(\): u32/],
    [
      'a hook of the wrong shape',
      'evict(): u32',
      'evict(): f64',
      'InputError',
      /mine\.ts:37:3: Lru defines evict; the engine calls evict\(\): u32/,
    ],
    ['a managed object', 'victim.unlink()', 'new Array<i32>(3)', 'InputError', /mine\.ts: needs a managed object/],
    ['no class', 'export class', 'class', 'UsageError', /mine\.ts: no exported class with a doc comment extends Policy/],
    ['a missing tag', '@sees every access', '', 'UsageError', /mine\.ts: the doc comment of Lru needs one @sees tag/],
    ['a wrong tag', '@sees every access', '@sees nothing', 'UsageError', /mine\.ts: @sees is 'every access', 'accessed bits' or/],
    ['a malformed parameter', ' * @paper', ' * @param small: 3\n * @paper', 'UsageError', /mine\.ts: write '@param NAME DEFAULT/],
    ['the name of a built-in policy', '@policy mine', '@policy lru', 'UsageError', /mine\.ts: 'lru' is a built-in policy/],
  ])('%s', async (_, from, to, name, message) => {
    const path = await variant(from, to)
    await expect(choosePolicies([path])).rejects.toMatchObject({ name, message: expect.stringMatching(message) })
  })

  it('a file that is not there', async () => {
    const path = join(folder, 'gone.ts')
    await expect(choosePolicies([path])).rejects.toMatchObject({ name: 'InputError', message: `${path}: no such file` })
  })
})

describe('a policy that breaks its contract is stopped with a clear sentence', () => {
  it.each([
    [
      'evict returns no slot',
      'return this.slotOf(victim)',
      'return this.slots',
      /^policy mine: evict\(\) returned a slot that does not exist$/,
    ],
    [
      'a shadow is too large',
      /^ {2}check\(/m,
      '  shadow(slot: u32): u32 {\n    return u32.MAX_VALUE\n  }\n\n  check(',
      /^policy mine: shadow\(\) returned a number of/,
    ],
    [
      'no room for the header',
      'HEADER + <usize>slots * offsetof<Link>()',
      '8',
      /^policy mine: footprint\(\) returned less than the HEADER$/,
    ],
    ['a footprint too small', 'HEADER + <usize>slots * offsetof<Link>()', 'HEADER', /^policy mine: .*footprint/],
    [
      'it reads outside its memory',
      'return this.slotOf(victim)',
      'return load<u32>(u32.MAX_VALUE)',
      /^policy mine: memory access out of bounds \(.*mine\.ts:40:12\)$/,
    ],
    [
      'an assertion of its own fails',
      'victim.unlink()',
      "assert(false, 'mine: nothing left')",
      /^policy mine: nothing left \(.*mine\.ts:39:5\)$/,
    ],
  ])('%s', async (_, from, to, message) => {
    const path = await variant(from, to)
    await expect(replayed(path)).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(message) })
  })
})
