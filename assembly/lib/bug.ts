// What only a fault of ours can cause: the first such event marks the machine panicked, for every
// thread to see, and traps. A caller's mistake is -errno instead.
import { SUPERBLOCK } from '../abi/layout'

/** The first words of the superblock: why the machine panicked. */
@unmanaged
@final
export class Panic {
  /** A code of abi/panic, 0 while all is well; set once. Guard: atomic. */
  code: u32
  /** What the code is about; valid once the machine is dead. */
  first: u32
  second: u32
}

/** Panics the machine and traps. The first caller's reason stands. */
export function bug(code: u32, first: u32, second: u32): void {
  const panic = changetype<Panic>(SUPERBLOCK)
  if (atomic.cmpxchg<u32>(SUPERBLOCK, 0, code) === 0) {
    panic.first = first
    panic.second = second
  }
  unreachable()
}

/** Whether the machine panicked. */
export function panicked(): bool {
  return atomic.load<u32>(SUPERBLOCK) !== 0
}
