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
  /** Pages, and segments, of the machine's cases. */
  machinePages: number
  /** Memories, in bytes, in which reclaim's cost is compared, and the pages that are written there; a multiple of `machinePages`. */
  growth: readonly number[]
  growthWindow: number
  /** Pages of each worker of the scaling benches, and how many milliseconds they run for. */
  scalingPages: number
  scalingWindow: number
  /** Frames taken and given back. */
  allocations: number
  /** Bytes that each way across the border moves, in as many calls as that takes. */
  borderBytes: number
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
  machinePages: 4096,
  growth: [2 ** 26, 2 ** 29, 3 * 2 ** 30, 2 ** 34, 2 ** 36],
  growthWindow: 2 ** 17,
  scalingPages: 256,
  scalingWindow: 150,
  allocations: 10e6,
  borderBytes: 8e6,
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
  machinePages: 1024,
  growth: [2 ** 26],
  growthWindow: 2 ** 11,
  scalingPages: 64,
  scalingWindow: 5,
  allocations: 100e3,
  borderBytes: 100e3,
}
