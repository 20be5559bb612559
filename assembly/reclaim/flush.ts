// Writing everything back, for sync(2) and for reclaim, which in Linux wakes threads for that, the flushers (fs/fs-writeback.c); here who
// reclaims does it at once. Nothing is written back by time. Takes: Mapping, Mount.
import { Inode, putInode } from '../map/inode'
import { MOUNT_COUNT, Mount, MountIndex } from '../map/mount'
import { writeBack } from '../mm/pageCache'
import { addUnlessZero } from '../sync/counter'
import { Rank } from '../sync/lockdep'

/** The next inode of a mount behind one, or the first, that has dirty pages, with a reference; null if there is none. Takes: Mount. */
function nextDirty(mount: Mount, after: Inode | null): Inode | null {
  let found: Inode | null = null
  mount.lock(Rank.Mount)
  let link = after ? after.inMount.next : mount.list.next
  for (; link !== mount.list && !found; link = link.next) {
    const inode = Inode.ofMount(link)
    const dirty = atomic.load<u32>(changetype<usize>(inode), offsetof<Inode>('dirty')) !== 0
    if (dirty && addUnlessZero(changetype<usize>(inode) + offsetof<Inode>('refs'))) found = inode
  }
  mount.unlock(Rank.Mount)
  return found
}

/** Writes every dirty page of every disk's inodes back; returns how many there were. */
export function writeBackAll(): u32 {
  let written: u32 = 0
  for (let index: u32 = MountIndex.Disk; index < MOUNT_COUNT; index++) {
    const mount = Mount.at(index)
    let inode = mount.isDisk ? nextDirty(mount, null) : changetype<Inode>(0)
    while (inode) {
      written += writeBack(inode, 0, 0xffffffff)
      const next = nextDirty(mount, inode)
      putInode(inode)
      inode = next
    }
  }
  return written
}
