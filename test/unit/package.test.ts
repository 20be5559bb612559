// The package holds what it needs at run time, the compiler of users' policies included.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'faultline-package-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('replays by a policy of the user when only the packed files are there', () => {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const files = (JSON.parse(listed) as { files: { path: string }[] }[])[0]?.files.map(({ path }) => path) ?? []
  for (const file of ['README.md', 'LICENSE', 'assembly/README.md', 'dist/index.d.ts']) expect(files).toContain(file)
  for (const file of files) cpSync(join(ROOT, file), join(folder, 'package', file))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'package/node_modules'))
  const faultline = (...args: string[]): string =>
    execFileSync(process.execPath, [join(folder, 'package/dist/cli/main.js'), ...args], { cwd: folder, encoding: 'utf8' })
  faultline('new-policy', 'mine')
  faultline('trace', 'generate', 'zipf', '--pages', '100', '--references', '1000', '-o', 'zipf.flt.gz')
  const misses = faultline('replay', 'zipf.flt.gz', '--policy', './mine.ts,fifo', '--frames', '10', '--csv')
    .trim()
    .split('\n')
    .slice(1)
    .map(row => row.split(',')[4])
  expect(misses).toHaveLength(2)
  expect(misses[0]).toBe(misses[1])
})
