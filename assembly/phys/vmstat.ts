// Event counters: each CPU counts in its own set, readers add the sets up.
import { CPU_SIZE, CPUS, VMSTAT_SHIFT, VMSTAT_SIZE, VMSTATS } from '../abi/layout'
import { COUNTERS } from '../abi/vmstat'
import { Cpu } from '../sync/cpu'

/** Address of one of this CPU's counters. */
function at(counter: u32): usize {
  return VMSTATS - (CPUS >> VMSTAT_SHIFT) + (changetype<usize>(Cpu.current) >> VMSTAT_SHIFT) + <usize>counter * 8
}

/** Counts one event on this CPU. */
export function count(counter: u32): void {
  store<u64>(at(counter), load<u64>(at(counter)) + 1)
}

/** Counts several events on this CPU. */
export function countMany(counter: u32, events: u32): void {
  store<u64>(at(counter), load<u64>(at(counter)) + events)
}

/** How many events of a kind this CPU has counted. */
export function counted(counter: u32): u64 {
  return load<u64>(at(counter))
}

if (CPU_SIZE >> VMSTAT_SHIFT !== VMSTAT_SIZE || CPUS % ((<usize>1) << VMSTAT_SHIFT) !== 0) ERROR('counters are not found by a shift')
if (COUNTERS * 8 > VMSTAT_SIZE) ERROR('the counters of a CPU are larger than their place')
