import { expect, it } from 'vitest'
import { fuzzAbi } from './abi.ts'

const SEEDS = [1, 2, 3, 4, 5]
const STEPS = 1000

it.each(SEEDS)('takes any arguments in good order, seed %i', seed => {
  expect(fuzzAbi(seed, STEPS)).toBeUndefined()
})
