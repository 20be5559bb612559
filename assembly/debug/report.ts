// What validate() found: the first broken invariant, with two details.
import { Cpu } from '../sync/cpu'

/** Where validate() leaves its details, in the CPU's buffer. */
@unmanaged
@final
export class Finding {
  first: u32
  second: u32

  @inline
  static get only(): Finding {
    return changetype<Finding>(Cpu.current.buffer)
  }
}

/** Notes the details of a broken invariant and returns its code. */
export function broken(code: u32, first: u32, second: u32): u32 {
  Finding.only.first = first
  Finding.only.second = second
  return code
}
