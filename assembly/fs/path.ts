// The paths of open files, as /proc/PID/maps and /proc/PID/fd show them. Takes: Names.
import { PATH_MAX } from '../abi/fcntl'
import { Dentry } from '../map/dentry'
import { File } from '../map/file'
import { Use } from '../map/inode'
import { Rank } from '../sync/lockdep'
import { Names } from './names'

const SLASH: u8 = 0x2f
/** "/SYSV", "/dev/zero" and " (deleted)", their first bytes lowest. */
const SYSV: u64 = 0x565359532f
const DEV_ZER: u64 = 0x72657a2f7665642f
const O: u8 = 0x6f
const DELETED: u64 = 0x6574656c65642820
const D_CLOSE: u16 = 0x2964

/** Writes " (deleted)"; returns where it ends. */
function writeDeleted(at: usize): usize {
  store<u64>(at, DELETED)
  store<u16>(at + 8, D_CLOSE)
  return at + 10
}

/** Writes 8 hexadecimal digits; returns where they end. */
function writeHex(at: usize, value: u32): usize {
  for (let i: u32 = 0; i < 8; i++) {
    const digit = <u8>((value >> (28 - 4 * i)) & 15)
    store<u8>(at + i, digit < 10 ? 0x30 + digit : 0x57 + digit)
  }
  return at + 8
}

/** Writes a path from its end backwards, before `end`; returns where it begins, `start` if it does not fit. Holds: Names. */
function writeBackwards(dentry: Dentry, start: usize, end: usize): usize {
  let at = end
  let node = dentry
  while (true) {
    const parent = node.parent
    const point = parent || node.length !== 0 ? 0 : node.inode.mount.point
    if (parent || node.length !== 0) {
      if (at - start < <usize>node.length + 1) return start
      at -= node.length
      memory.copy(at, node.name, node.length)
      store<u8>(--at, SLASH)
    }
    if (parent) node = parent
    else if (point !== 0) node = changetype<Dentry>(point)
    else break
  }
  // the root itself
  if (at === end) store<u8>(--at, SLASH)
  return at
}

/** Writes the path of a file at `to`, where PATH_MAX bytes and 16 are free; returns its length in bytes. Takes: Names. */
export function writePath(file: File, to: usize): u32 {
  const inode = file.inode
  const dentry = file.dentry
  if (!dentry) {
    const segment = inode.use === Use.Segment
    store<u64>(to, segment ? SYSV : DEV_ZER)
    if (!segment) store<u8>(to + 8, O)
    return <u32>(writeDeleted(segment ? writeHex(to + 5, inode.tag) : to + 9) - to)
  }
  const names = Names.only
  const end = to + PATH_MAX
  names.lock(Rank.Names)
  const start = writeBackwards(dentry, to, end)
  const gone = !dentry.named && (dentry.parent || dentry.length !== 0)
  names.unlock(Rank.Names)
  memory.copy(to, start, end - start)
  const length = <u32>(end - start)
  return gone ? <u32>(writeDeleted(to + length) - to) : length
}
