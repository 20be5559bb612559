// Holds linux-6.12-mglru in the machine to a model of its own, on the traces of the fidelity records, eight times shorter.
import { describe, expect, it } from 'vitest'
import { replayInGenerations } from './machine.ts'
import { replayInMglruModel } from './mglruModel.ts'
import { PAGES, TRACES, trace } from './traces.ts'

const SCALE = 8

describe.each(['anon', 'shm'] as const)('%s pages in generations', kind => {
  describe.each([517, 261])('of which %d fit', frames => {
    it.each(TRACES.flatMap(name => [1, 0.3].map(writes => [name, writes] as const)))(
      'are counted as the model counts: %s, %d of the references write',
      async (name, writes) => {
        const one = { kind, frames, pages: PAGES / SCALE }
        const references = trace(name, writes, SCALE)
        expect({ ...(await replayInGenerations(one, references)), present: 0 }).toEqual({
          ...replayInMglruModel(one, references),
          present: 0,
        })
      },
    )
  })
})
