// All programs that are explored.
import type { Program } from '../program.js'
import { faultCases } from './faults.js'
import { reclaimCases } from './reclaim.js'
import { segmentCases } from './segments.js'
import { semaphoreCases } from './semaphores.js'
import { systemCases } from './system.js'
import { threadCases } from './threads.js'
import { vanishingCases } from './vanishing.js'

export const CASES: readonly Program[] = [
  ...faultCases,
  ...reclaimCases,
  ...segmentCases,
  ...semaphoreCases,
  ...systemCases,
  ...threadCases,
  ...vanishingCases,
]
