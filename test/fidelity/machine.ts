// The machine's side: the same traces, in a control group of the same size.
import { boot, constants as C, type CgroupStat, type Process, type Vmstat } from 'faultline'
import { type Case, type Counts, type Kind, TURN } from './cases.js'
import { PAGES, REFERENCES, trace } from './traces.js'

const PAGE = 4096
const AT = 0x10000000
const RW = C.PROT_READ | C.PROT_WRITE

/** The kinds of pages that the machine has: there is no file behind its page cache yet. */
export const KINDS: readonly Kind[] = ['anon', 'shm', 'shared']

/** What was counted: of the group, and of the machine while it did nothing else. */
function countsOf(stat: CgroupStat, before: Vmstat, after: Vmstat, present: number): Counts {
  return {
    pgfault: after.pgfault - before.pgfault,
    pgmajfault: after.pgmajfault - before.pgmajfault,
    pgscan: stat.pgscan_anon + stat.pgscan_file,
    pgsteal: stat.pgsteal_anon + stat.pgsteal_file,
    pgactivate: stat.pgactivate,
    pgdeactivate: stat.pgdeactivate,
    pswpin: after.pswpin - before.pswpin,
    pswpout: after.pswpout - before.pswpout,
    workingset_refault: stat.workingset_refault_anon,
    workingset_activate: stat.workingset_activate_anon,
    workingset_restore: stat.workingset_restore_anon,
    present,
  }
}

/** Executes the references, by turns if there are two processes. */
function execute(processes: readonly Process[], references: Uint32Array): void {
  const [first, second] = processes as [Process, Process | undefined]
  if (!second) first.run(references, AT)
  else for (let i = 0; i < REFERENCES; i += TURN) ((i / TURN) % 2 === 0 ? first : second).run(references.subarray(i, i + TURN), AT)
}

/** What a machine counts that replays a case. */
export async function replayInMachine({ kind, trace: name, writes, frames }: Case): Promise<Counts> {
  const machine = await boot({ memory: 2 * PAGES * PAGE, contents: false, cpus: 1 })
  machine.swapon({ size: 2 * PAGES * PAGE, backing: 'none' })
  const { init } = machine
  init.mmap(AT, PAGES * PAGE, RW, C.MAP_FIXED | C.MAP_ANONYMOUS | (kind === 'anon' ? C.MAP_PRIVATE : C.MAP_SHARED))
  const processes = kind === 'shared' ? [init, init.fork()] : [init]
  const group = machine.cgroup('trace', { memoryMax: frames * PAGE, swappiness: 60 })
  for (const process of processes) group.assign(process)
  const before = machine.vmstat
  execute(processes, trace(name, writes))
  return countsOf(group.stat(), before, machine.vmstat, group.memoryCurrent / PAGE)
}
