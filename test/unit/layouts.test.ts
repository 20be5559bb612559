// What the layout hash is made of.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { compile } from '#dist/core/compile.js'
import { StructLayouts } from '#dist/core/layout.js'

const PATH = 'assembly/lib/ranks.ts'

/** The layouts of all structs of the module mrc, with this text for one of its sources. */
async function layoutsWith(text: string): Promise<StructLayouts['all']> {
  const layouts = new StructLayouts([])
  await compile({ entry: 'assembly/mrc.ts', target: 'debug', sources: new Map([[PATH, text]]), transforms: [layouts] })
  return layouts.all
}

it('knows the structs that the host does not read, too: a field more shows', { timeout: 120_000 }, async () => {
  const text = readFileSync(new URL(`../../${PATH}`, import.meta.url), 'utf8')
  const layouts = await layoutsWith(text)
  const more = await layoutsWith(text.replace('export class Ranks {', 'export class Ranks {\n  field: u32'))
  expect(layouts.map(([path]) => path)).toContain('assembly/lib/ranks/Ranks')
  expect(layouts).toEqual(await layoutsWith(text))
  expect(more).not.toEqual(layouts)
  expect(more.length).toBe(layouts.length)
})
