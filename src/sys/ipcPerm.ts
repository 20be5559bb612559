// What shmctl, semctl and msgctl report of who has an object, read from the CPU's transfer buffer.
import type { Kernel } from '../core/kernel.js'
import { PermReportLayout } from '../core/layout.gen.js'

/** struct ipc_perm. */
export interface IpcPerm {
  key: number
  uid: number
  gid: number
  cuid: number
  cgid: number
  mode: number
  seq: number
}

/** The head of every report of IPC_STAT. */
export function readPerm({ view, buffer }: Kernel): IpcPerm {
  const word = (offset: number): number => view.getUint32(buffer + offset, true)
  const at = PermReportLayout
  return {
    key: view.getInt32(buffer + at.key, true),
    uid: word(at.uid),
    gid: word(at.gid),
    cuid: word(at.cuid),
    cgid: word(at.cgid),
    mode: word(at.mode),
    seq: word(at.seq),
  }
}
