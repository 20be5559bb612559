// validate(): disks: that each block that is taken is one page's of one file, and the other way round.
import { BROKEN_BYTES, BROKEN_DISK } from '../abi/invariant'
import { bitmapBytes, blockOf, isTaken, setTakenLocked } from '../map/blocks'
import { Inode } from '../map/inode'
import { Mount } from '../map/mount'
import { radixGet, radixNext } from '../map/radix'
import { tallyBytes } from './bytes'
import { broken } from './report'

/** Notes an inode's blocks as free for now; -1 if all were taken, else the block that was not. */
function giveAll(inode: Inode): i64 {
  let blocks: u32 = 0
  for (let index = radixNext(inode.stored, 0); index >= 0; index = index === 0xffffffff ? -1 : radixNext(inode.stored, <u32>index + 1)) {
    const block = blockOf(radixGet(inode.stored, <u32>index))
    if (block === 0 || block > inode.mount.maxBlocks || !isTaken(inode.mount, block)) return block
    setTakenLocked(inode.mount, block, false)
    blocks++
  }
  return blocks === inode.blocks ? -1 : blocks
}

/** Takes an inode's blocks back. */
function takeAll(inode: Inode): void {
  for (let index = radixNext(inode.stored, 0); index >= 0; index = index === 0xffffffff ? -1 : radixNext(inode.stored, <u32>index + 1)) {
    setTakenLocked(inode.mount, blockOf(radixGet(inode.stored, <u32>index)), true)
  }
}

/** A disk's blocks: freed one by one, all of them are free in the end but the header, and no one twice. */
export function checkDisk(mount: Mount): u32 {
  if (!tallyBytes(mount.bitmap, bitmapBytes(mount.maxBlocks + 1)) || !tallyBytes(mount.path, mount.pathLength)) {
    return broken(BROKEN_BYTES, mount.number, mount.maxBlocks)
  }
  for (let link = mount.list.next; link !== mount.list; link = link.next) {
    const wrong = giveAll(Inode.ofMount(link))
    if (wrong >= 0) return broken(BROKEN_DISK, Inode.ofMount(link).number, <u32>wrong)
  }
  let left: u32 = 0
  for (let block: u32 = 1; block <= mount.maxBlocks && left === 0; block++) if (isTaken(mount, block)) left = block
  for (let link = mount.list.next; link !== mount.list; link = link.next) takeAll(Inode.ofMount(link))
  return left === 0 ? 0 : broken(BROKEN_DISK, 0, left)
}
