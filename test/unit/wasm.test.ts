import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const core = new URL('../../dist/core/', import.meta.url)
const modules = readdirSync(core).filter(file => file.endsWith('.wasm'))

/** The section ids of WebAssembly that would write to memory, run code or make tables at every instantiation. */
const FORBIDDEN = new Map([
  [4, 'table'],
  [5, 'memory'],
  [8, 'start'],
  [9, 'element'],
  [11, 'data'],
])

/** Ids of a module's sections. */
function sectionsOf(bytes: Uint8Array): number[] {
  const ids: number[] = []
  let at = 8
  while (at < bytes.length) {
    ids.push(bytes[at++] as number)
    let size = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number
      size |= (byte & 127) << shift
      if (byte < 128) break
    }
    at += size
  }
  return ids
}

it('builds every module for release and debug', () => {
  const release = modules.filter(file => !file.endsWith('.debug.wasm'))
  expect(release.length).toBeGreaterThan(0)
  expect(modules.filter(file => file.endsWith('.debug.wasm')).map(file => file.replace('.debug', ''))).toEqual(release)
})

// A second instance over the same memory must leave it as it is, and every thread brings one.
describe.each(modules)('%s', file => {
  const bytes = readFileSync(new URL(file, core))

  it('does nothing when it is instantiated', () => {
    const found = sectionsOf(bytes).flatMap(id => FORBIDDEN.get(id) ?? [])
    expect(found).toEqual([])
  })

  it('imports its memory and, if it is the kernel, how to wait, what time it is, whether there is stack, and pages of swap areas', () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ module, name, kind }) => `${kind} ${module}.${name}`)
    const host = file.startsWith('kernel.')
      ? ['diskRead', 'diskWrite', 'now', 'reserve', 'swapRead', 'swapWrite', 'wait'].map(name => `function host.${name}`)
      : []
    expect(imports.sort()).toEqual([...host, 'memory env.memory'])
  })
})
