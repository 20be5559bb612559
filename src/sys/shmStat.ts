// What shmctl reports, read from the CPU's transfer buffer.
import type { Kernel } from '../core/kernel.js'
import { ShmLimitsLayout, ShmStatLayout, ShmUsageLayout } from '../core/layout.gen.js'
import { type IpcPerm, readPerm } from './ipcPerm.js'

/** struct shmid_ds: times in seconds since 1970, 0 for never; sizes in bytes. */
export interface ShmStat {
  perm: IpcPerm
  segsz: number
  atime: number
  dtime: number
  ctime: number
  cpid: number
  lpid: number
  nattch: number
}

/** struct shminfo of the process's IPC namespace, and the highest index in use. */
export interface ShmInfo {
  index: number
  shmmax: number
  shmmin: number
  shmmni: number
  shmseg: number
  shmall: number
}

/** struct shm_info, and the highest index in use; pages of 4 KiB. As there is no swap, the last three are 0. */
export interface ShmUsage {
  index: number
  used_ids: number
  shm_tot: number
  shm_rss: number
  shm_swp: number
  swap_attempts: number
  swap_successes: number
}

/** The report of IPC_STAT. */
export function readStat(kernel: Kernel): ShmStat {
  const { view, buffer } = kernel
  const word = (offset: number): number => view.getUint32(buffer + offset, true)
  const long = (offset: number): number => view.getFloat64(buffer + offset, true)
  const at = ShmStatLayout
  return {
    perm: readPerm(kernel),
    segsz: long(at.segsz),
    atime: long(at.atime),
    dtime: long(at.dtime),
    ctime: long(at.ctime),
    cpid: word(at.cpid),
    lpid: word(at.lpid),
    nattch: word(at.nattch),
  }
}

/** The report of IPC_INFO. */
export function readLimits({ view, buffer }: Kernel, index: number): ShmInfo {
  const shmmni = view.getUint32(buffer + ShmLimitsLayout.maxSegments, true)
  const shmmax = view.getFloat64(buffer + ShmLimitsLayout.maxBytes, true)
  return { index, shmmax, shmmin: 1, shmmni, shmseg: shmmni, shmall: view.getFloat64(buffer + ShmLimitsLayout.maxPages, true) }
}

/** The report of SHM_INFO. */
export function readUsage({ view, buffer }: Kernel, index: number): ShmUsage {
  const word = (offset: number): number => view.getUint32(buffer + offset, true)
  return {
    index,
    used_ids: word(ShmUsageLayout.usedIds),
    shm_tot: view.getFloat64(buffer + ShmUsageLayout.totalPages, true),
    shm_rss: word(ShmUsageLayout.residentPages),
    shm_swp: word(ShmUsageLayout.swappedPages),
    swap_attempts: 0,
    swap_successes: 0,
  }
}
