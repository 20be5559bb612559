// /proc/PID/status: fs/proc/array.c and task_mmu.c of Linux 6.18, without the lines of what a process of a
// machine has not: peaks, signal masks, capabilities, seccomp, the CPUs and nodes it may run on.
import { PAGE_SIZE } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { residentOf, sumVmas } from './maps.js'
import type { ProcessRecord } from './records.js'
import { kilobytes, right } from './text.js'
import * as walk from './walk.js'

/** Renders the status of a process. */
export function renderStatus(kernel: Kernel, record: ProcessRecord): string {
  const { pid, parent, cpu, uid, euid, suid, gid, egid, sgid, umask } = record
  const groups = walk.groups(kernel, record)
  const lines = [
    `Name:\t${cpu === 0 ? 'init' : 'worker'}`,
    `Umask:\t${umask.toString(8).padStart(4, '0')}`,
    `State:\t${stateOf(record)}`,
    `Tgid:\t${pid}`,
    'Ngid:\t0',
    `Pid:\t${pid}`,
    `PPid:\t${parent}`,
    'TracerPid:\t0',
    // the id for access to files is the effective one
    `Uid:\t${uid}\t${euid}\t${suid}\t${euid}`,
    `Gid:\t${gid}\t${egid}\t${sgid}\t${egid}`,
    `Groups:\t${groups.map(group => `${group} `).join('')}${groups.length === 0 ? ' ' : ''}`,
    ...(record.alive ? memoryLines(kernel, record) : []),
    `Threads:\t${record.alive ? record.threads : 1}`,
  ]
  return `${lines.join('\n')}\n`
}

function stateOf({ alive, asleep }: ProcessRecord): string {
  if (!alive) return 'Z (zombie)'
  return asleep ? 'S (sleeping)' : 'R (running)'
}

function memoryLines(kernel: Kernel, record: ProcessRecord): string[] {
  const resident = residentOf(record)
  const sums = sumVmas(kernel, record.pid)
  const rows: readonly (readonly [string, number])[] = [
    ['VmSize', kilobytes(record.total / PAGE_SIZE)],
    ['VmLck', kilobytes(record.locked / PAGE_SIZE)],
    ['VmRSS', resident.anonymous + resident.shared],
    ['RssAnon', resident.anonymous],
    ['RssFile', 0],
    ['RssShmem', resident.shared],
    ['VmData', kilobytes(record.data / PAGE_SIZE)],
    ['VmStk', kilobytes(sums.stack)],
    ['VmExe', 0],
    ['VmLib', kilobytes(sums.code)],
    // Linux does not count the root
    ['VmPTE', kilobytes(record.tables - 1)],
    ['VmSwap', kilobytes(record.swapped)],
  ]
  return rows.map(([name, value]) => `${name}:\t${right(value, 8)} kB`)
}
