// validate(): the tree of names, from the roots of the mounts: what each dentry holds and who holds it.

import { S_IFDIR } from '../abi/fcntl'
import { BROKEN_NAMES, BROKEN_REFERENCES } from '../abi/invariant'
import { ENTRY_SIZE, findNameLocked } from '../fs/names'
import { Link } from '../lib/list'
import { Dentry } from '../map/dentry'
import { Inode, Use } from '../map/inode'
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

/** The name behind another one in the tree below a root, parents first; null behind the last. */
function nextName(root: Dentry, at: Dentry): Dentry | null {
  if (!at.children.isEmpty) return changetype<Dentry>(at.children.next)
  while (at !== root) {
    const parent = changetype<Dentry>(at.parent)
    if (at.next !== parent.children) return changetype<Dentry>(at.next)
    at = parent
  }
  return null
}

/** Takes all names into account; returns the address of a dentry that counts other references, 0 if there is none. */
export function visitNames(pass: Pass): u32 {
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const root = changetype<Dentry>(Mount.at(index).root)
    if (!root) continue
    for (let at: Dentry | null = root; at; at = nextName(root, at)) if (!visitDentry(at, pass)) return changetype<u32>(at)
  }
  return 0
}

/** Every directory: its names are found, and its size and links are what they add up to; and every file has as many names as it says. References are counted already. */
export function checkNames(): u32 {
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const list = Mount.at(index).list
    for (let link = list.next; link !== list; link = link.next) Inode.ofMount(link).tally = 0
  }
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const root = changetype<Dentry>(Mount.at(index).root)
    if (!root) continue
    for (let at: Dentry | null = root; at; at = nextName(root, at)) {
      const found: u32 = at.inode.is(S_IFDIR) ? checkDirectory(at) : 0
      if (found !== 0) return found
    }
  }
  return checkLinks()
}

/** One directory, whose files are counted. */
function checkDirectory(directory: Dentry): u32 {
  const inode = directory.inode
  const list = directory.children
  const names = list.checkedLength(Cache.of(Kind.Dentry).active)
  let links: u32 = 2
  for (let link: Link = list.next; link !== list; link = link.next) {
    const dentry = changetype<Dentry>(link)
    const right = dentry.named && dentry.parent === directory && findNameLocked(directory, dentry.name, dentry.length) === dentry
    if (!right) return broken(BROKEN_NAMES, inode.number, dentry.inode.number)
    if (dentry.inode.is(S_IFDIR)) links++
    else dentry.inode.tally++
  }
  const right = inode.is(S_IFDIR) && inode.links === links && inode.bytes === ENTRY_SIZE * (2 + names)
  return right ? 0 : broken(BROKEN_NAMES, inode.number, names)
}

/** Every file has the names that were counted, and each mount those beyond the first. */
function checkLinks(): u32 {
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const list = Mount.at(index).list
    let links: u32 = 0
    for (let link = list.next; link !== list; link = link.next) {
      const inode = Inode.ofMount(link)
      if (inode.is(S_IFDIR)) continue
      if (inode.use === Use.File && inode.tally !== inode.links) return broken(BROKEN_REFERENCES, inode.number, inode.links)
      if (inode.tally > 1) links += inode.tally - 1
    }
    if (links !== Mount.at(index).links) return broken(BROKEN_NAMES, links, Mount.at(index).links)
  }
  return 0
}
