// What a machine is given to do: the pages of a trace, or the events of several processes.

import { ENOMEM, ESRCH } from '../abi/errno.gen.js'
import { FaultError, SysError } from '../abi/errors.js'
import { InputError } from '../core/errors.js'
import type { Cgroup } from '../sys/cgroup.js'
import { bytes } from '../sys/size.js'

/** What the pages of a trace are in the machine: anonymous and private; shared; or those of a file on a disk, in shared mappings. */
export type Backing = 'anon' | 'shm' | 'file'

/** Where the disk of a trace's file is mounted. */
export const DISK = '/disk'

/** Whether all processes have the same pages. */
export function isShared(backing: Backing): boolean {
  return backing !== 'anon'
}

/** Work for a machine, done a piece at a time. */
export interface Workload {
  /** How many processes there were so far. */
  readonly processes: number
  /** Does the work; yields after each piece how many references it had. */
  steps(): Generator<number, void>
  /** Looks whether memory holds what was written to it, if anything was. */
  check(): void
}

/** Where in a trace something failed. */
export interface Place {
  path: string
  /** References before. */
  at: number
  /** The process's number in the trace; undefined if there is one only. */
  process?: number | undefined
  /** The line of the trace, if it is a call and no reference. */
  line?: number
  /** What is too little, where memory is. */
  short: () => string
}

/** What messages call options: on the command line they have other names. */
export type OptionNames = Readonly<Record<'memory' | 'swap' | 'memoryMax', string>>

/** What is too little, and what helps, once a process was killed for want of memory. */
export function shortage(names: OptionNames, hasSwap: boolean, group: Cgroup | undefined): string {
  if (group && group.events().oom > 0)
    return `the group's limit of ${bytes(group.memoryMax)} is reached: raise ${names.memoryMax} or give ${hasSwap ? 'more ' : ''}${names.swap}`
  return `the machine has too little for this trace${hasSwap ? ', with its swap' : ', and no swap'}: give more ${names.memory} or ${names.swap}`
}

/** An error of a process's, as one of the trace: what a machine refuses, its memory may be too little for, or was never mapped. */
export function failure(error: unknown, { path, at, process, line, short }: Place): unknown {
  if (!(error instanceof FaultError || error instanceof SysError)) return error
  const who = process === undefined ? '' : `process ${process}, `
  const where = `${path}: ${who}${line === undefined ? `reference ${at + 1 + (error.index ?? 0)}` : `line ${line}`}`
  // its process was killed to make room, or there was no other
  if (error instanceof SysError && (error.errno === ESRCH || (error.errno === ENOMEM && error.syscall === 'run')))
    return new InputError(`${where}: out of memory: ${short()}`)
  return new InputError(`${where}: ${error.message}`)
}
