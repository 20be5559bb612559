// What semctl reports, read from the CPU's transfer buffer.

import { SEMUSZ, SEMVMX } from '../abi/sem.gen.js'
import type { Kernel } from '../core/kernel.js'
import { SemLimitsLayout, SemStatLayout } from '../core/layout.gen.js'
import { type IpcPerm, readPerm } from './ipcPerm.js'

/** struct semid_ds: times in seconds since 1970, 0 for never. */
export interface SemStat {
  perm: IpcPerm
  otime: number
  ctime: number
  nsems: number
}

/** struct seminfo of the process's IPC namespace, and the highest index in use. For SEM_INFO, semusz is how many sets there are, semaem how many semaphores. */
export interface SemInfo {
  index: number
  semmap: number
  semmni: number
  semmns: number
  semmnu: number
  semmsl: number
  semopm: number
  semume: number
  semusz: number
  semvmx: number
  semaem: number
}

/** The report of IPC_STAT. */
export function readSemStat(kernel: Kernel): SemStat {
  const { view, buffer } = kernel
  const word = (offset: number): number => view.getUint32(buffer + offset, true)
  const at = SemStatLayout
  return {
    perm: readPerm(kernel),
    otime: view.getFloat64(buffer + at.otime, true),
    ctime: view.getFloat64(buffer + at.ctime, true),
    nsems: word(at.nsems),
  }
}

/** The report of IPC_INFO, or of SEM_INFO. */
export function readSemInfo({ view, buffer }: Kernel, index: number, usage: boolean): SemInfo {
  const word = (offset: number): number => view.getInt32(buffer + offset, true)
  const at = SemLimitsLayout
  return {
    index,
    // constants of Linux that limit nothing
    semmap: 1024000000,
    semmni: word(at.maxSets),
    semmns: word(at.maxTotal),
    semmnu: 1024000000,
    semmsl: word(at.maxPerSet),
    semopm: word(at.maxOperations),
    semume: 500,
    semusz: usage ? word(at.sets) : SEMUSZ,
    semvmx: SEMVMX,
    semaem: usage ? word(at.total) : SEMVMX,
  }
}
