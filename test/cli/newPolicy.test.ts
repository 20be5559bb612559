import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeNewPolicy } from '#dist/cli/newPolicy.js'
import { choosePolicies } from '#dist/core/policies.js'
import { Replayer } from '#dist/core/replayer.js'
import { densify, goldenTrace } from '../policy/traces.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultline-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('faultline new-policy', () => {
  it('writes a policy that compiles, runs, and evicts as it says: FIFO, or FIFO with a second chance', async () => {
    const path = join(folder, 'my-own.ts')
    await writeNewPolicy(path, 'my-own')
    const { references, ids } = densify(goldenTrace('hotscan', 100_000))
    const chosen = await choosePolicies([path, `${path}:second=yes`, 'fifo', 'clock'])
    expect(chosen.map(({ label }) => label)).toEqual(['my-own', 'my-own:second=yes', 'fifo', 'clock'])
    const [own, second, fifo, clock] = chosen.map(policy => {
      const replayer = new Replayer({ policy, frames: 500, pages: ids.length })
      replayer.run(references)
      return replayer.counts
    })
    expect(own).toEqual(fifo)
    expect(second).toEqual(clock)
    expect(second).not.toEqual(own)
  })

  it('names the class so that it clashes with nothing it imports', async () => {
    const path = join(folder, 'policy.ts')
    await writeNewPolicy(path, 'policy')
    expect((await choosePolicies([path]))[0]?.info).toMatchObject({ name: 'policy', className: 'MyPolicy' })
  })

  it('overwrites nothing', async () => {
    const path = join(folder, 'mine.ts')
    await writeFile(path, 'precious')
    await expect(writeNewPolicy(path, 'mine')).rejects.toMatchObject({
      name: 'InputError',
      message: `${path}: is there already; nothing was written`,
    })
    expect(await readFile(path, 'utf8')).toBe('precious')
  })

  it.each([
    ['', "'' cannot name a policy"],
    ['a b', "'a b' cannot name a policy"],
    ['../up', "'../up' cannot name a policy"],
    ['1st', "'1st' cannot name a policy"],
    ['lru', "'lru' is a built-in policy"],
  ])('refuses the name "%s"', async (name, message) => {
    await expect(writeNewPolicy(join(folder, 'never.ts'), name)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(message),
    })
    await expect(readFile(join(folder, 'never.ts'))).rejects.toThrow('ENOENT')
  })
})
