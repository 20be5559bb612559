import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { choosePolicy, policies } from '#dist/core/policies.js'
import { Replayer } from '#dist/core/replayer.js'
import { densify, GOLDEN_TRACES, type GoldenTrace, goldenTrace } from './traces.ts'

interface Golden {
  references: number
  frames: number[]
  misses: Record<GoldenTrace, Record<string, number[]>>
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8')) as Golden

describe.each(GOLDEN_TRACES)("libCacheSim's miss counts on %s", name => {
  // libCacheSim's object ids are the page numbers plus one; they matter for W-TinyLFU's sketch.
  const { references, ids, future } = densify(goldenTrace(name, golden.references).map(page => page + 1))

  it.each(policies.filter(p => golden.misses[name][p.name]))('$name', ({ name: policyName, parameters }) => {
    const compat = parameters.some(p => p.name === 'compat') ? ':compat=libcachesim' : ''
    const misses = golden.frames.map(frames => {
      const replayer = new Replayer({ policy: choosePolicy(policyName + compat), frames, pages: ids.length, ids })
      replayer.run(references, future)
      return replayer.counts.misses
    })
    expect(misses).toEqual(golden.misses[name][policyName])
  })
})
