// What is done for a call or an access that was refused a frame, after it has failed and before it is repeated. No lock is held.
import { Cpu } from '../sync/cpu'

/** Reclaims memory for who was refused a frame, for the reason in `Cpu.short`; whether another try may succeed. */
export function relieve(short: u32): bool {
  Cpu.current.stalls++
  return false
}
