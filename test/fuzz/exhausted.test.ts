import { expect, it } from 'vitest'
import { fuzzExhausted } from './exhausted.ts'

const SEEDS = [1, 2, 3, 4]
const STEPS = 160

it.each(SEEDS)('fails calls in good order where memory is exhausted, seed %i', async seed => {
  expect(await fuzzExhausted(seed, STEPS)).toBeUndefined()
})
