import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const COMMAND = fileURLToPath(new URL('../stress/run.mjs', import.meta.url))

it.each([
  { workers: 2, target: 'debug' },
  { workers: 4, target: 'debug' },
  { workers: 4, target: 'release' },
])('$workers workers do everything at once to the $target build, and its books balance', async ({ workers, target }) => {
  const args = [COMMAND, '--seconds', '2', '--workers', `${workers}`, '--seed', `${workers}`, '--target', target]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  expect(stderr).toBe('')
  expect(stdout).toContain('pgfault')
})
