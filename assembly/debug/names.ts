// validate(): the tree of names, from the roots of the mounts: what each dentry holds and who holds it.

import { S_IFDIR } from '../abi/fcntl'
import { BROKEN_NAMES, BROKEN_REFERENCES } from '../abi/invariant'
import { ENTRY_SIZE, findNameLocked } from '../fs/names'
import { Link } from '../lib/list'
import { Dentry } from '../map/dentry'
import { MOUNT_COUNT, Mount } from '../map/mount'
import { Cache, Kind } from '../phys/slab'
import { broken } from './report'

/** How a walk over all references treats each. */
export enum Pass {
  /** Forgets what was counted before. */
  Reset,
  /** Counts a reference, and with the first those that the thing itself holds. */
  Count,
  /** Compares what was counted with what the thing counts. */
  Compare,
}

/** Takes one reference to a dentry into account; false if the dentry counts others. */
export function visitDentry(dentry: Dentry, pass: Pass): bool {
  const parent = dentry.parent
  if (pass === Pass.Compare) return dentry.tally === dentry.refs
  if (pass === Pass.Reset) {
    dentry.tally = 0
    if (parent) visitDentry(parent, pass)
  } else if (dentry.tally++ === 0) {
    dentry.inode.tally++
    if (parent) visitDentry(parent, pass)
  }
  return true
}

/** Takes all names into account; returns the address of a dentry that counts other references, 0 if there is none. */
export function visitNames(pass: Pass): u32 {
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const root = changetype<Dentry>(Mount.at(index).root)
    const found: u32 = root ? visitTree(root, pass) : 0
    if (found !== 0) return found
  }
  return 0
}

function visitTree(dentry: Dentry, pass: Pass): u32 {
  if (!visitDentry(dentry, pass)) return changetype<u32>(dentry)
  for (let link = dentry.children.next; link !== dentry.children; link = link.next) {
    const found = visitTree(changetype<Dentry>(link), pass)
    if (found !== 0) return found
  }
  return 0
}

/** Every directory: its names are found, and its size and links are what they add up to. */
export function checkNames(): u32 {
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const root = changetype<Dentry>(Mount.at(index).root)
    const found: u32 = root ? checkDirectory(root) : 0
    if (found !== 0) return found
  }
  return 0
}

function checkDirectory(directory: Dentry): u32 {
  const inode = directory.inode
  const list = directory.children
  const names = list.checkedLength(Cache.of(Kind.Dentry).active)
  let links: u32 = 2
  for (let link: Link = list.next; link !== list; link = link.next) {
    const dentry = changetype<Dentry>(link)
    const right = dentry.named && dentry.parent === directory && findNameLocked(directory, dentry.name, dentry.length) === dentry
    if (!right) return broken(BROKEN_NAMES, inode.number, dentry.inode.number)
    if (!dentry.inode.is(S_IFDIR)) {
      if (dentry.inode.links !== 1) return broken(BROKEN_REFERENCES, dentry.inode.number, dentry.inode.links)
      continue
    }
    links++
    const found = checkDirectory(dentry)
    if (found !== 0) return found
  }
  const right = inode.is(S_IFDIR) && inode.links === links && inode.bytes === ENTRY_SIZE * (2 + names)
  return right ? 0 : broken(BROKEN_NAMES, inode.number, names)
}
