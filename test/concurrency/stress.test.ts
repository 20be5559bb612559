import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const COMMAND = fileURLToPath(new URL('../stress/run.mjs', import.meta.url))

async function run(seconds: number, workers: number, target: string, ...more: string[]): Promise<string> {
  const args = ['--seconds', `${seconds}`, '--workers', `${workers}`, '--seed', `${workers}`, '--target', target, ...more]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [COMMAND, ...args])
  expect(stderr).toBe('')
  expect(stdout).toContain('pgfault')
  return stdout
}

it.each([
  { workers: 2, target: 'debug' },
  { workers: 4, target: 'debug' },
  { workers: 4, target: 'release' },
])('$workers workers do everything at once to the $target build, and its books balance', async ({ workers, target }) => {
  await run(4, workers, target)
})

// a minute in all, with those above
it.each([
  { workers: 2, target: 'debug' },
  { workers: 4, target: 'debug' },
  { workers: 8, target: 'debug' },
  { workers: 2, target: 'release' },
  { workers: 4, target: 'release' },
  { workers: 8, target: 'release' },
])('$workers workers die and are replaced on the $target build, and its books balance', async ({ workers, target }) => {
  expect(await run(8, workers, target, '--kill')).toContain('deaths')
})

it.each([
  { workers: 2, target: 'debug', more: [] },
  { workers: 3, target: 'debug', more: ['--policy', 'linux-6.12-mglru'] },
  { workers: 3, target: 'release', more: ['--kill'] },
])(
  '$workers workers with a quarter of the memory they use lose nothing, on the $target build: $more',
  async ({ workers, target, more }) => {
    const pressure = ['--memory', '4MiB', '--swap', '32MiB', '--scale', '12', '--errors', '20']
    expect(await run(5, workers, target, ...pressure, ...more)).toMatch(/pswpin: [1-9]/)
  },
)
