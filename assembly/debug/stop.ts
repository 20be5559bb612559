// Stopping the machine, so that its structs can be looked at while threads run: each other thread that
// begins a call or faults waits until the machine goes on. Their TLBs are emptied, so that a load or store
// faults, too. It costs a thread that is not stopped nothing: it looks at `attention` anyway.
import { STOPPED } from '../abi/attention'
import { EBUSY } from '../abi/errno'
import { PANIC_DEAD_THREAD } from '../abi/panic'
import { bug, panicked } from '../lib/bug'
import { flushCpu } from '../map/tlb'
import { Superblock } from '../phys/superblock'
import { Cpu } from '../sync/cpu'
import { now, reserve, wait } from '../sync/host'

/** Rounds of spinning for the end of a call before sleeping. */
const SPINS: u32 = 1000
/** Seconds after which a thread that is still in a call is given up. */
const LIMIT: f64 = 2

/** Whether a CPU has a thread other than this one. */
function isOther(cpu: Cpu): bool {
  return cpu !== Cpu.current && atomic.load<u32>(changetype<usize>(cpu), offsetof<Cpu>('taken')) !== 0
}

/** Whether the thread of a CPU is in no call, or gets out of it in time. */
function leavesCall(cpu: Cpu): bool {
  const until = now() + LIMIT
  for (let spins: u32 = 0; cpu.isInside; spins++) {
    if (spins < SPINS) continue
    if (now() > until) return false
    wait(changetype<usize>(cpu) + offsetof<Cpu>('entered'), 1, 1)
    if (panicked()) unreachable()
    if (cpu.isLost) bug(PANIC_DEAD_THREAD, cpu.id, cpu.pid)
  }
  return true
}

/** Stops all other threads; 0, or EBUSY, with none stopped, if one does not leave its call. Called by init's thread. */
export function stopMachine(): i32 {
  reserve(false)
  const cpus = Superblock.only.cpus
  for (let id: u32 = 0; id < cpus; id++) if (isOther(Cpu.at(id))) Cpu.at(id).call(STOPPED)
  for (let id: u32 = 0; id < cpus; id++) {
    if (!isOther(Cpu.at(id))) continue
    if (!leavesCall(Cpu.at(id))) {
      startMachine()
      return -EBUSY
    }
    flushCpu(Cpu.at(id))
  }
  return 0
}

/** Lets all threads go on. */
export function startMachine(): void {
  for (let id: u32 = 0; id < Superblock.only.cpus; id++) {
    const attention = changetype<usize>(Cpu.at(id)) + offsetof<Cpu>('attention')
    atomic.and<u32>(attention, ~STOPPED)
    atomic.notify(attention, 1)
  }
}
