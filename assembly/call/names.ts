// mkdir, rmdir, link, unlink, rename: arguments validated in the order of Linux's fs/namei.c (6.18). A path stands in the
// CPU's buffer; two of them are staged, the second behind the first. Takes: Names and what it nests.
import { EINVAL, ENOMEM } from '../abi/errno'
import { PATH_MAX, RENAME_EXCHANGE, RENAME_NOREPLACE } from '../abi/fcntl'
import { linkLocked, makeDirectoryLocked } from '../fs/create'
import { Names } from '../fs/names'
import { renamePath } from '../fs/rename'
import { removeDirectory, unlinkPath } from '../fs/unlink'
import { staged } from '../proc/stage'
import { Task } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'

/** mkdir(2) of the path in the CPU's buffer. */
export function makeDirectory(task: Task, length: u32, mode: u32): i32 {
  const names = Names.only
  names.lock(Rank.Names)
  const error = makeDirectoryLocked(task, Cpu.current.buffer, length, mode & ~task.descriptors.umask)
  names.unlock(Rank.Names)
  return error
}

/** rmdir(2) of the path in the CPU's buffer. */
export function removeDirectoryAt(task: Task, length: u32): i32 {
  return removeDirectory(task, Cpu.current.buffer, length)
}

/** unlink(2) of the path in the CPU's buffer. */
export function unlink(task: Task, length: u32): i32 {
  return unlinkPath(task, Cpu.current.buffer, length)
}

/** How many bytes of a path are staged: what is longer is none. */
function stagedBytes(length: u32): u32 {
  return min(length, PATH_MAX)
}

/** link(2) of two staged paths. */
export function link(task: Task, length: u32, newLength: u32): i32 {
  const from = staged(task, stagedBytes(length) + stagedBytes(newLength))
  if (from === 0) return -ENOMEM
  const names = Names.only
  names.lock(Rank.Names)
  const error = linkLocked(task, from, length, from + stagedBytes(length), newLength)
  names.unlock(Rank.Names)
  return error
}

/** renameat2(2) of two staged paths. */
export function rename(task: Task, length: u32, newLength: u32, flags: u32): i32 {
  // a RENAME_WHITEOUT would be a device, which there are none of
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) !== 0 || flags === (RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL
  const from = staged(task, stagedBytes(length) + stagedBytes(newLength))
  if (from === 0) return -ENOMEM
  return renamePath(task, from, length, from + stagedBytes(length), newLength, flags)
}
