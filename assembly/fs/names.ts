// The tree of names, from `/` across mounts: a hash of all names by directory and name, and each
// directory's list. One lock, Names, guards them all. A name holds one reference to its dentry.
// Holds, in every function whose name ends in Locked: Names.
import { NAME_BUCKET_COUNT, NAME_BUCKETS, NAMES } from '../abi/layout'
import { Link } from '../lib/list'
import { Dentry } from '../map/dentry'
import { Inode } from '../map/inode'
import { now } from '../sync/host'
import { Lock } from '../sync/lock'

/** What an entry adds to the size of a directory, and an empty one's: tmpfs's BOGO_DIRENT_SIZE. */
export const ENTRY_SIZE: u64 = 20
const EMPTY_SIZE: u64 = 40

/** How the last part of a path reads. */
export enum Last {
  /** A name, which may or may not be there. */
  Name,
  /** `.`, or nothing, behind the last slash of all. */
  Here,
  /** `..`. */
  Up,
}

/** The lock, and what the walk that holds it found. Guard: Names. */
@unmanaged
@final
export class Names extends Lock {
  /** The directory of the path's last part. */
  directory: Dentry
  /** The last part: what kind, and its bytes. */
  last: Last
  name: usize
  length: u32
  /** Whether slashes stand behind it. */
  slashes: bool
  /** What the path stands for, where findLocked asked. */
  found: Dentry | null

  @inline
  static get only(): Names {
    return changetype<Names>(NAMES)
  }
}

/** FNV-1a of a name in a directory. */
function hashOf(directory: Dentry, name: usize, length: u32): u32 {
  let hash: u32 = 0x811c9dc5 ^ (changetype<u32>(directory) >> 6)
  for (let i: u32 = 0; i < length; i++) hash = (hash ^ load<u8>(name + i)) * 0x01000193
  return hash
}

/** Address of the word that heads the chain of a hash. */
function bucket(hash: u32): usize {
  return NAME_BUCKETS + (((hash ^ (hash >> 15)) & (NAME_BUCKET_COUNT - 1)) << 2)
}

/** What a name in a directory stands for; null if there is no such name. */
export function findNameLocked(directory: Dentry, name: usize, length: u32): Dentry | null {
  const hash = hashOf(directory, name, length)
  let dentry = changetype<Dentry>(load<u32>(bucket(hash)))
  while (dentry && !(dentry.hash === hash && dentry.parent === directory && dentry.isCalled(name, length))) {
    dentry = changetype<Dentry>(dentry.nextByHash)
  }
  return dentry
}

/** Makes a dentry, whose reference the caller gives away, the newest name in its directory. */
export function addNameLocked(dentry: Dentry): void {
  const directory = changetype<Dentry>(dentry.parent)
  dentry.hash = hashOf(directory, dentry.name, dentry.length)
  const head = bucket(dentry.hash)
  dentry.nextByHash = changetype<Dentry>(load<u32>(head))
  store<u32>(head, changetype<u32>(dentry))
  changetype<Link>(dentry).insertAfter(directory.children)
  dentry.named = true
  directory.inode.bytes += ENTRY_SIZE
  touchDirectory(directory.inode)
}

/** Takes a name out of its directory; its reference is the caller's now. */
export function removeNameLocked(dentry: Dentry): void {
  const directory = changetype<Dentry>(dentry.parent)
  let at = bucket(dentry.hash)
  while (load<u32>(at) !== changetype<u32>(dentry)) at = load<u32>(at) + offsetof<Dentry>('nextByHash')
  store<u32>(at, changetype<u32>(dentry.nextByHash))
  dentry.unlink()
  dentry.named = false
  directory.inode.bytes -= ENTRY_SIZE
  touchDirectory(directory.inode)
}

function touchDirectory(inode: Inode): void {
  inode.modified = now()
  inode.changed = inode.modified
}

/** Makes a new inode an empty directory. */
export function initDirectory(inode: Inode): void {
  inode.bytes = EMPTY_SIZE
  inode.links = 2
}
