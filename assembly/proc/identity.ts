// Who a process is: real, effective and saved ids of user and group, and supplementary groups.
// setuid(2) and its kin, with the checks of Linux's kernel/sys.c and kernel/groups.c in their order;
// the effective user 0 is what is privileged. The threads of a process have one identity, as glibc keeps it. Takes: Tasks.
import { EINVAL, EPERM } from '../abi/errno'
import { NGROUPS_MAX } from '../abi/limits'
import { Cred } from '../ipc/perm'
import { Rank } from '../sync/lockdep'
import { Tasks } from './task'

/** The id that stands for none, or for "leave it". */
const NONE: u32 = 0xffffffff

/** Real, effective and saved id, of a user or of a group: three neighbours in a Cred. */
@unmanaged
@final
class Identity {
  real: u32
  effective: u32
  saved: u32

  /** The process's user ids, or its group ids. */
  @inline
  static of(cred: Cred, group: bool): Identity {
    return changetype<Identity>(changetype<usize>(cred) + (group ? offsetof<Cred>('gid') : offsetof<Cred>('uid')))
  }

  /** Whether an id is one of the three, or none. */
  @inline
  allows(id: u32): bool {
    return id === NONE || id === this.real || id === this.effective || id === this.saved
  }
}

/** setuid and setgid: root changes all three ids, others only go back to one they had. */
export function setId(cred: Cred, group: bool, id: u32): i32 {
  Tasks.only.lock(Rank.Tasks)
  const result = setIdLocked(cred, group, id)
  Tasks.only.unlock(Rank.Tasks)
  return result
}

/** Holds: Tasks. */
function setIdLocked(cred: Cred, group: bool, id: u32): i32 {
  const ids = Identity.of(cred, group)
  if (id === NONE) return -EINVAL
  if (cred.isRoot) {
    ids.real = id
    ids.saved = id
  } else if (id !== ids.real && id !== ids.saved) return -EPERM
  ids.effective = id
  return 0
}

/** seteuid and setegid. */
export function setEffectiveId(cred: Cred, group: bool, id: u32): i32 {
  Tasks.only.lock(Rank.Tasks)
  const result = setEffectiveIdLocked(cred, group, id)
  Tasks.only.unlock(Rank.Tasks)
  return result
}

/** Holds: Tasks. */
function setEffectiveIdLocked(cred: Cred, group: bool, id: u32): i32 {
  return id === NONE ? -EINVAL : setAllIdsLocked(cred, group, NONE, id, NONE)
}

/** setreuid and setregid: the saved id follows the effective one if the real one is set, or the effective one to another than that was. */
export function setTwoIds(cred: Cred, group: bool, real: u32, effective: u32): i32 {
  Tasks.only.lock(Rank.Tasks)
  const result = setTwoIdsLocked(cred, group, real, effective)
  Tasks.only.unlock(Rank.Tasks)
  return result
}

/** Holds: Tasks. */
function setTwoIdsLocked(cred: Cred, group: bool, real: u32, effective: u32): i32 {
  const ids = Identity.of(cred, group)
  const oldReal = ids.real
  if (!cred.isRoot) {
    if (real !== NONE && real !== oldReal && real !== ids.effective) return -EPERM
    if (!ids.allows(effective)) return -EPERM
  }
  if (real !== NONE) ids.real = real
  if (effective !== NONE) ids.effective = effective
  if (real !== NONE || (effective !== NONE && effective !== oldReal)) ids.saved = ids.effective
  return 0
}

/** setresuid and setresgid. */
export function setAllIds(cred: Cred, group: bool, real: u32, effective: u32, saved: u32): i32 {
  Tasks.only.lock(Rank.Tasks)
  const result = setAllIdsLocked(cred, group, real, effective, saved)
  Tasks.only.unlock(Rank.Tasks)
  return result
}

/** Holds: Tasks. */
function setAllIdsLocked(cred: Cred, group: bool, real: u32, effective: u32, saved: u32): i32 {
  const ids = Identity.of(cred, group)
  if (!cred.isRoot && !(ids.allows(real) && ids.allows(effective) && ids.allows(saved))) return -EPERM
  if (real !== NONE) ids.real = real
  if (effective !== NONE) ids.effective = effective
  if (saved !== NONE) ids.saved = saved
  return 0
}

/** setgroups: takes `count` group ids from `from` and keeps them in order. More than NGROUPS_MAX are EINVAL. */
export function setGroups(cred: Cred, count: u32, from: usize): i32 {
  Tasks.only.lock(Rank.Tasks)
  const result = setGroupsLocked(cred, count, from)
  Tasks.only.unlock(Rank.Tasks)
  return result
}

/** Holds: Tasks. */
function setGroupsLocked(cred: Cred, count: u32, from: usize): i32 {
  if (!cred.isRoot) return -EPERM
  if (count > NGROUPS_MAX) return -EINVAL
  for (let i: u32 = 0; i < count; i++) if (load<u32>(from + (i << 2)) === NONE) return -EINVAL
  cred.beginGroups()
  for (let i: u32 = 0; i < count; i++) insertGroup(cred.groups, i, load<u32>(from + (i << 2)))
  cred.groupCount = count
  cred.endGroups()
  return 0
}

/** Puts a group among the `count` that stand at an address in order. */
function insertGroup(groups: usize, count: u32, gid: u32): void {
  let at = groups + (count << 2)
  for (; at > groups && load<u32>(at - 4) > gid; at -= 4) store<u32>(at, load<u32>(at - 4))
  store<u32>(at, gid)
}
