import { it } from 'vitest'
import { Files } from './fileTwin.ts'
import { walk } from './random.ts'

const STEPS = 700

it.each([1, 2, 3])('files and their mappings do what the model does, with balanced books after each step, seed %i', seed =>
  walk(seed, STEPS, (machine, next) => new Files(machine, next)),
)
