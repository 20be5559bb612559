// What IPC_STAT and its kin say of objects of all three kinds. Holds, in every function: Ipc.
import { EACCES, EINVAL } from '../abi/errno'
import { Cpu } from '../sync/cpu'
import { atIndexOf, findId, Ids } from './ids'
import { Cred, IpcPerm, permits } from './perm'

/** The head of what they write to the CPU's buffer: struct ipc_perm. */
@unmanaged
export class PermReport {
  key: i32
  uid: u32
  gid: u32
  cuid: u32
  cgid: u32
  mode: u32
  seq: u32
}

/**
 * Reports the head of the object with an id, or with `byIndex` of the one at its index; returns that object's id. EINVAL if there is
 * none; EACCES if the process may not read it, which `anyone` leaves out.
 */
export function reportPermLocked(ids: Ids, cred: Cred, id: i32, byIndex: bool, anyone: bool): i32 {
  const perm: IpcPerm | null = byIndex ? atIndexOf(ids, id) : findId(ids, id)
  if (!perm) return -EINVAL
  if (!anyone && !permits(perm, cred, 0o444)) return -EACCES
  const report = changetype<PermReport>(Cpu.current.buffer)
  report.key = perm.key
  report.uid = perm.uid
  report.gid = perm.gid
  report.cuid = perm.cuid
  report.cgid = perm.cgid
  report.mode = perm.mode
  report.seq = perm.seq
  return perm.id
}
