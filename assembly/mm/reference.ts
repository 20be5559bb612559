// Page references as they stand in a CPU's buffer, and what is counted of a batch of them.
import { CPU_RUN } from '../abi/layout'
import { Cpu } from '../sync/cpu'

/** The page of a reference at an address: a T, a page number, counted from a base, and in the highest bit whether it writes. */
export function pageAt<T>(at: usize, base: u64): u64 {
  const reference = load<T>(at)
  return base + <u64>((reference << (<T>1)) >> <T>1)
}

/** Whether a reference writes, 0 or 1. */
export function writesAt<T>(at: usize): u32 {
  const reference = load<T>(at)
  return <u32>(reference >> <T>(sizeof<T>() * 8 - 1))
}

/** How the references of a batch found their pages, for the host. Guard: the CPU's thread. */
@unmanaged
@final
export class RunCounts {
  /** Served by the TLB. */
  hits: u32
  /** Served by the page tables. */
  walks: u32
  /** Served by a fault that had not to wait for a page from elsewhere. */
  minorFaults: u32
  /** Served by a fault that had. */
  majorFaults: u32

  @inline
  static of(cpu: Cpu): RunCounts {
    return changetype<RunCounts>(changetype<usize>(cpu) + CPU_RUN)
  }

  reset(): void {
    memory.fill(changetype<usize>(this), 0, offsetof<RunCounts>())
  }
}
