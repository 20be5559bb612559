// Who may do what to an IPC object: kern_ipc_perm and ipcperms of Linux's ipc/util.c.
import { EINVAL, EPERM } from '../abi/errno'
import { panicked } from '../lib/bug'

/** The identity of a process: what permissions are decided by. Guard: Tasks to write; its threads read it without, an id at a time. */
@unmanaged
export class Cred {
  pid: u32
  uid: u32
  euid: u32
  suid: u32
  gid: u32
  egid: u32
  sgid: u32
  /** How many supplementary groups there are, and the address of their ids, in order. */
  groupCount: u32
  groups: usize
  /** Odd while the groups change; who reads them meanwhile looks again. Guard: written under Tasks; atomic. */
  changes: u32

  /** Whether the process may do everything. */
  @inline
  get isRoot(): bool {
    return this.euid === 0
  }

  /** Whether the process acts for a group. */
  isIn(gid: u32): bool {
    if (this.egid === gid) return true
    while (true) {
      const changes = this.changesNow
      const found = this.hasGroup(gid)
      // nothing moves between the two loads but what is loaded atomically
      if ((changes & 1) === 0 && this.changesNow === changes) return found
      if (panicked()) unreachable()
    }
  }

  private hasGroup(gid: u32): bool {
    const count = atomic.load<u32>(changetype<usize>(this), offsetof<Cred>('groupCount'))
    for (let i: u32 = 0; i < count; i++) if (atomic.load<u32>(this.groups + (i << 2)) === gid) return true
    return false
  }

  @inline
  private get changesNow(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Cred>('changes'))
  }

  /** Before the groups are changed. Holds: Tasks. */
  beginGroups(): void {
    atomic.add<u32>(changetype<usize>(this), 1, offsetof<Cred>('changes'))
  }

  /** After the groups were changed. Holds: Tasks. */
  endGroups(): void {
    atomic.add<u32>(changetype<usize>(this), 1, offsetof<Cred>('changes'))
  }
}

/** The head of every IPC object. Guard: the namespace's lock. */
@unmanaged
export class IpcPerm {
  key: i32
  id: i32
  uid: u32
  gid: u32
  cuid: u32
  cgid: u32
  mode: u32
  seq: u32
  /** The next object whose key hashes to the same bucket. */
  nextByKey: usize
}

/** Whether the process has all rights of `wanted`, mode bits in any of their three places. */
export function permits(perm: IpcPerm, cred: Cred, wanted: u32): bool {
  const requested = (wanted >> 6) | (wanted >> 3) | wanted
  let granted = perm.mode
  if (owns(perm, cred)) granted >>= 6
  else if (cred.isIn(perm.cgid) || cred.isIn(perm.gid)) granted >>= 3
  return (requested & ~granted & 7) === 0 || cred.isRoot
}

/** In place of an id or mode: it stays as it is. */
export const KEEP: i64 = -1

/**
 * Gives an object, by IPC_SET, an owner, a group and permissions: 0; EPERM if the process may not; EINVAL if an id is -1; and then it
 * stays as it is. Linux's ipcctl_obtain_check and ipc_update_perm.
 */
export function updatePerm(perm: IpcPerm, cred: Cred, uid: i64, gid: i64, mode: i64): i32 {
  if (!controls(perm, cred)) return -EPERM
  if (uid === 0xffffffff || gid === 0xffffffff) return -EINVAL
  if (uid !== KEEP) perm.uid = <u32>uid
  if (gid !== KEEP) perm.gid = <u32>gid
  if (mode !== KEEP) perm.mode = (perm.mode & ~0o777) | (<u32>mode & 0o777)
  return 0
}

/** Whether the process is the object's owner or creator. */
export function owns(perm: IpcPerm, cred: Cred): bool {
  return cred.euid === perm.cuid || cred.euid === perm.uid
}

/** Whether the process may change and remove the object. */
export function controls(perm: IpcPerm, cred: Cred): bool {
  return owns(perm, cred) || cred.isRoot
}
