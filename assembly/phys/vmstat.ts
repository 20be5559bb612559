// Event counters: each CPU counts in its own block, readers add the blocks up.
import { CPU_VMSTAT } from '../abi/layout'
import { Cpu } from '../sync/cpu'

/** Counts one event on this CPU. */
export function count(counter: u32): void {
  const at = changetype<usize>(Cpu.current) + <usize>counter * 8
  store<u64>(at, load<u64>(at, CPU_VMSTAT) + 1, CPU_VMSTAT)
}

/** How many events of a kind this CPU has counted. */
export function counted(counter: u32): u64 {
  return load<u64>(changetype<usize>(Cpu.current) + <usize>counter * 8, CPU_VMSTAT)
}
