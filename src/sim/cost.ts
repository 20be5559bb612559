// What faults cost: a model that turns counts into the time that a process waits.
import { UsageError } from '../core/errors.js'
import { shown } from '../sys/arguments.js'

/**
 * Seconds that a process waits at events.
 *
 * The defaults are rough and meant to be replaced by what a machine was measured to do. `minor`: 0.6 to 1 µs for a first
 * touch, by rdtsc on Linux 6.6 at 3.2 GHz; 2 to 3 µs in small virtual machines. `zram`: the fault and lz4, which takes
 * 1.7 µs a page with 2.0 for lzo-rle; a page out and in again takes Linux 6.18 8 to 12 µs of processor time, so the way
 * out is the rest. `nvme`: what data sheets of flash drives say of a 4 KiB read alone, 60 to 100 µs. `disk`: 7200
 * revolutions a minute, 8.5 ms of seeking and half a turn.
 */
export interface FaultCosts {
  /** A fault that finds its page in memory, or needs none from elsewhere. */
  minor: number
  /** A fault that reads its page from compressed memory. */
  zram: number
  /** A page compressed into memory, which who needs memory waits for. */
  zramOut: number
  /** A fault that reads its page from a flash drive; writing goes on beside. */
  nvme: number
  /** A fault that reads its page from a disk that turns; writing goes on beside. */
  disk: number
}

/** The costs unless told otherwise. */
export const FAULT_COSTS: Readonly<FaultCosts> = { minor: 1e-6, zram: 4e-6, zramOut: 6e-6, nvme: 80e-6, disk: 12.7e-3 }

/** Seconds in faults, all in all, by what is swapped to. */
export interface FaultTimes {
  zram: number
  nvme: number
  disk: number
}

/** Costs that are given, the others as they are by default. Throws a UsageError for what is no cost. */
export function faultCosts(given: Partial<FaultCosts> = {}): FaultCosts {
  if (typeof given !== 'object' || given === null)
    throw new UsageError(`cost is an object such as { minor: 1e-6 }, in seconds, not ${shown(given)}`)
  for (const [name, seconds] of Object.entries(given)) {
    if (!(name in FAULT_COSTS)) throw new UsageError(`there is no cost '${name}'; there are ${Object.keys(FAULT_COSTS).join(', ')}`)
    if (!(typeof seconds === 'number' && seconds >= 0 && seconds < Number.POSITIVE_INFINITY))
      throw new UsageError(`the cost ${name} is a number of seconds from 0, not ${String(seconds)}`)
  }
  return { ...FAULT_COSTS, ...given }
}

/** The time that so many faults, and pages swapped out, take. */
export function faultTimes(
  costs: FaultCosts,
  { minorFaults, majorFaults, pswpout }: { minorFaults: number; majorFaults: number; pswpout: number },
): FaultTimes {
  const minor = minorFaults * costs.minor
  return {
    zram: minor + majorFaults * costs.zram + pswpout * costs.zramOut,
    nvme: minor + majorFaults * costs.nvme,
    disk: minor + majorFaults * costs.disk,
  }
}
