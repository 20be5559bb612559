import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** The modules that a built module imports, statically or not, and those they import in turn. */
function follow(url: URL, seen = new Map<string, Set<string>>()): Map<string, Set<string>> {
  if (seen.has(url.pathname)) return seen
  const imports = new Set<string>()
  seen.set(url.pathname, imports)
  const source = readFileSync(url, 'utf8')
  for (const [, from, dynamic, worker] of source.matchAll(
    /(?:\bfrom\s+|^import\s+)['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)|new URL\('(\.[^']+\.js)'/gm,
  )) {
    const specifier = (from ?? dynamic ?? worker) as string
    imports.add(specifier)
    const target = new URL(specifier, url)
    if (specifier.startsWith('.') && existsSync(target)) follow(target, seen)
  }
  return seen
}

it.each(['machine.js', 'process/self.js', 'host/browserWorker.js'])(
  '%s loads in a browser: it imports nothing of Node and no package',
  entry => {
    const modules = follow(new URL(`../../dist/${entry}`, import.meta.url))
    // what Node alone begins with
    const ofNode = [...modules.keys()].filter(path => path.endsWith('/dist/process/main.js'))
    const names = [...modules].flatMap(([path, imports]) => (ofNode.includes(path) ? [] : [...imports]))
    expect(names.filter(name => !/^(\.|faultline\/)/.test(name))).toEqual([])
    expect(modules.size).toBeGreaterThan(1)
  },
)

it('uses nothing that is only for the command line', () => {
  const modules = follow(new URL('../../dist/index.js', import.meta.url))
  expect(
    [...modules.keys()].some(path => path.endsWith('/dist/sim/worker.js')),
    'workers are followed',
  ).toBe(true)
  expect([...modules.keys()].filter(path => path.includes('/dist/cli/'))).toEqual([])
  const packages = new Set([...modules.values()].flatMap(imports => [...imports]).filter(name => !/^(\.|node:)/.test(name)))
  for (const name of ['commander', 'cli-table3', 'cli-progress', 'echarts']) expect(packages).not.toContain(name)
})
