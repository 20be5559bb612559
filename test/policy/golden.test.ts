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

/** Frames with which libCacheSim caches, but in a way that the default does not follow; the policy's doc comment says why. */
const departs: Record<string, (frames: number) => boolean> = {
  clockpro: () => true,
  lirs: frames => frames < 200,
  slru: frames => frames % 4 !== 0,
  wtinylfu: () => true,
}

describe.each(GOLDEN_TRACES)("libCacheSim's miss counts on %s", name => {
  // libCacheSim's object ids are the page numbers plus one; they matter for W-TinyLFU's sketch.
  const { references, ids, future } = densify(goldenTrace(name, golden.references).map(page => page + 1))

  const misses = (label: string) => (frames: number) => {
    const replayer = new Replayer({ policy: choosePolicy(label), frames, pages: ids.length, ids })
    replayer.run(references, future)
    return replayer.counts.misses
  }
  const known = policies.filter(p => golden.misses[name][p.name])
  const compatible = known.filter(p => p.parameters.some(({ name }) => name === 'compat'))

  it.each(known)('$name', policy => {
    const label = compatible.includes(policy) ? `${policy.name}:compat=libcachesim` : policy.name
    expect(golden.frames.map(misses(label))).toEqual(golden.misses[name][policy.name])
  })

  it.each(compatible)('$name as it is by default, wherever it does not depart from libCacheSim', policy => {
    const counts = golden.misses[name][policy.name] as number[]
    golden.frames.forEach((frames, i) => {
      const ours = misses(policy.name)(frames)
      if (counts[i] === golden.references || departs[policy.name]?.(frames)) {
        expect(ours, `${frames} frames`).toBeLessThan(golden.references)
      } else expect(ours, `${frames} frames`).toBe(counts[i])
    })
  })
})
