// Threads that are gone: what they leave behind is what a process leaves that ends, unless they were in the
// middle of a call. Takes: Tasks, and what the end of a process takes.
import { PANIC_DEAD_THREAD } from '../abi/panic'
import { bug } from '../lib/bug'
import { Superblock } from '../phys/superblock'
import { Kswapd, Zone } from '../phys/zone'
import { Cpu } from '../sync/cpu'
import { endThreads } from './exit'

/** How the processes of a thread ended that is gone without an exit code: with 1, as Node says of it. */
const LOST: u32 = 1 << 8

/** Ends the threads of processes that a CPU was whose thread is gone, each with a status. Panics if it was in a call. */
export function endGone(cpu: Cpu, status: u32): void {
  if (cpu.isLost) bug(PANIC_DEAD_THREAD, cpu.id, cpu.pid)
  // nobody uses a translation any more
  if ((cpu.section & 1) !== 0) atomic.add<u32>(changetype<usize>(cpu), 1, offsetof<Cpu>('section'))
  endThreads(cpu, true, status)
  // whose work is done where it is needed from then on
  if (cpu.id === Superblock.only.kswapdCpu) Zone.ofUsers.setKswapd(Kswapd.Inline)
  cpu.asleep = 0
}

/** On init's thread, which sleeps and so hears of nothing: ends the processes of threads that are known to be gone. */
export function endLost(): void {
  if (Cpu.current.id !== 0) return
  for (let id: u32 = 1; id < Superblock.only.cpus; id++) {
    const cpu = Cpu.at(id)
    if (cpu.taken !== 0 && cpu.isGone) endGone(cpu, LOST)
  }
}
