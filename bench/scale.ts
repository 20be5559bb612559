// How large the benches are: the full sizes of the targets, or small ones that show that all runs.
import type { Timing } from './measure.js'

/** Sizes and how to time. */
export interface Scale extends Timing {
  /** References and pages of the Zipf trace. */
  references: number
  pages: number
  /** References and pages of the large case. */
  largeReferences: number
  largePages: number
  /** References of the four curves; each has a tenth as many pages. */
  curves: readonly [number, number, number, number]
  /** References and pages of the memory case. */
  memoryReferences: number
  memoryPages: number
}

export const FULL: Scale = {
  rounds: 5,
  cpu: false,
  references: 20e6,
  pages: 1e6,
  largeReferences: 64e6,
  largePages: 16e6,
  curves: [1e6, 4e6, 16e6, 64e6],
  memoryReferences: 200e6,
  memoryPages: 20e6,
}

export const SMOKE: Scale = {
  rounds: 1,
  cpu: false,
  references: 200e3,
  pages: 10e3,
  largeReferences: 200e3,
  largePages: 100e3,
  curves: [10e3, 20e3, 40e3, 80e3],
  memoryReferences: 1e6,
  memoryPages: 100e3,
}
