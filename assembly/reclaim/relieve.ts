// What is done for a call or an access that was refused a frame, after it has failed and before it is repeated. No lock is held.
import { Cpu } from '../sync/cpu'
import { outOfMemory } from './oom'

/** Reclaims memory for who was refused a frame, for the reason in `Cpu.short`; whether another try may succeed. */
export function relieve(short: u32): bool {
  const cpu = Cpu.current
  cpu.stalls++
  if (!cpu.begin()) return false
  const relieved = outOfMemory()
  cpu.end()
  return relieved
}
