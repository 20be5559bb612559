// The machine's side: the same traces, in a control group of the same size.
import { boot, constants as C, type CgroupStat, type Machine, type Process, type Vmstat } from 'faultline'
import { type Case, type Counts, isFile, type Kind, TURN } from './cases.js'
import type { MglruCase } from './mglruModel.js'
import { PAGES, REFERENCES, trace } from './traces.js'

const PAGE = 4096
const AT = 0x10000000
const RW = C.PROT_READ | C.PROT_WRITE

/** What was counted: of the group, and of the machine while it did nothing else. */
function countsOf(kind: Kind, stat: CgroupStat, before: Vmstat, after: Vmstat, present: number): Counts {
  const what = isFile(kind) ? 'file' : 'anon'
  return {
    pgfault: after.pgfault - before.pgfault,
    // as it is counted of the kernel
    pgmajfault: kind === 'pread' ? stat.pgsteal_file + present : after.pgmajfault - before.pgmajfault,
    pgscan: stat.pgscan_anon + stat.pgscan_file,
    pgsteal: stat.pgsteal_anon + stat.pgsteal_file,
    pgactivate: stat.pgactivate,
    pgdeactivate: stat.pgdeactivate,
    pswpin: after.pswpin - before.pswpin,
    pswpout: after.pswpout - before.pswpout,
    workingset_refault: stat[`workingset_refault_${what}`],
    workingset_activate: stat[`workingset_activate_${what}`],
    workingset_restore: stat[`workingset_restore_${what}`],
    present,
  }
}

/** Executes the references, by turns if there are two processes. */
function execute(processes: readonly Process[], references: Uint32Array): void {
  const [first, second] = processes as [Process, Process | undefined]
  if (!second) first.run(references, AT)
  else for (let i = 0; i < REFERENCES; i += TURN) ((i / TURN) % 2 === 0 ? first : second).run(references.subarray(i, i + TURN), AT)
}

/** A file of all pages on a disk, none of them in memory; returns its descriptor. */
function makeFile(machine: Machine): number {
  machine.mount('/disk', { type: 'disk', size: PAGES * PAGE, backing: 'none' })
  const { init } = machine
  const fd = init.open('/disk/file', C.O_RDWR | C.O_CREAT, 0o600)
  init.pwrite(fd, new Uint8Array(PAGES * PAGE), 0)
  init.posix_fadvise(fd, 0, 0, C.POSIX_FADV_DONTNEED)
  return fd
}

/** Maps the pages of a case where references are to be executed. */
function map(init: Process, kind: Kind, fd: number): void {
  const shared = kind === 'anon' ? C.MAP_PRIVATE : C.MAP_SHARED
  if (isFile(kind)) init.mmap(AT, PAGES * PAGE, C.PROT_READ, C.MAP_FIXED | shared, fd)
  else init.mmap(AT, PAGES * PAGE, RW, C.MAP_FIXED | C.MAP_ANONYMOUS | shared)
  if (kind === 'random') init.madvise(AT, PAGES * PAGE, C.MADV_RANDOM)
}

/** What a machine of linux-6.12-mglru counts that executes references to so many pages, of which `frames` fit. */
export async function replayInGenerations({ kind, pages, frames }: MglruCase, references: Uint32Array): Promise<Counts> {
  const machine = await boot({ memory: '16MiB', contents: false, cpus: 1, policy: 'linux-6.12-mglru' })
  machine.swapon({ size: 2 * pages * PAGE, backing: 'none' })
  const { init } = machine
  const group = machine.cgroup('trace', { memoryMax: frames * PAGE, swappiness: 60 })
  group.assign(init)
  init.mmap(AT, pages * PAGE, RW, C.MAP_FIXED | C.MAP_ANONYMOUS | (kind === 'anon' ? C.MAP_PRIVATE : C.MAP_SHARED))
  const before = machine.vmstat
  init.run(references, AT)
  machine.validate()
  return countsOf(kind, group.stat(), before, machine.vmstat, group.memoryCurrent / PAGE)
}

/** What a machine counts that replays a case. */
export async function replayInMachine({ kind, trace: name, writes, frames }: Case): Promise<Counts> {
  const machine = await boot({ memory: 2 * PAGES * PAGE, contents: false, cpus: 1 })
  machine.swapon({ size: 2 * PAGES * PAGE, backing: 'none' })
  const { init } = machine
  const fd = isFile(kind) ? makeFile(machine) : -1
  if (kind !== 'pread') map(init, kind, fd)
  const processes = kind === 'shared' ? [init, init.fork()] : [init]
  const group = machine.cgroup('trace', { memoryMax: frames * PAGE, swappiness: 60 })
  for (const process of processes) group.assign(process)
  const before = machine.vmstat
  const references = trace(name, writes)
  if (kind === 'pread') for (const page of references) init.pread(fd, PAGE, page * PAGE)
  else execute(processes, references)
  return countsOf(kind, group.stat(), before, machine.vmstat, group.memoryCurrent / PAGE)
}
