// Event counters: each CPU counts in its own set, readers add the sets up.
import { CPU_SIZE, CPUS, VMSTAT_SHIFT, VMSTAT_SIZE, VMSTATS } from '../abi/layout'
import { COUNTERS } from '../abi/vmstat'
import { Cpu } from '../sync/cpu'

/** Address of one of a CPU's counters. */
function at(cpu: Cpu, counter: u32): usize {
  return VMSTATS - (CPUS >> VMSTAT_SHIFT) + (changetype<usize>(cpu) >> VMSTAT_SHIFT) + <usize>counter * 8
}

/** Counts one event on this CPU. */
export function count(counter: u32): void {
  countOn(Cpu.current, counter)
}

/** As count, where this CPU is known. */
export function countOn(cpu: Cpu, counter: u32): void {
  const counts = at(cpu, counter)
  store<u64>(counts, load<u64>(counts) + 1)
}

/** Counts several events on this CPU. */
export function countMany(counter: u32, events: u32): void {
  const counts = at(Cpu.current, counter)
  store<u64>(counts, load<u64>(counts) + events)
}

/** How many events of a kind this CPU has counted. */
export function counted(counter: u32): u64 {
  return load<u64>(at(Cpu.current, counter))
}

if (CPU_SIZE >> VMSTAT_SHIFT !== VMSTAT_SIZE || CPUS % ((<usize>1) << VMSTAT_SHIFT) !== 0) ERROR('counters are not found by a shift')
if (COUNTERS * 8 > VMSTAT_SIZE) ERROR('the counters of a CPU are larger than their place')
