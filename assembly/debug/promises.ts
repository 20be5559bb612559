// validate(): what is promised is what VMAs and objects were promised.
import { BROKEN_COMMITMENT } from '../abi/invariant'
import { PID_MAX } from '../abi/layout'
import { Inode } from '../map/inode'
import { MOUNT_COUNT, Mount } from '../map/mount'
import { VM_ACCOUNT, Vma } from '../map/vma'
import { Commitment } from '../phys/commit'
import { livingTask, Task } from '../proc/task'
import { broken } from './report'

/** Pages promised to a process. */
function promisedTo(task: Task): u64 {
  const list = task.mm.list
  let pages: u64 = 0
  for (let link = list.next; link !== list; link = link.next) {
    const vma = changetype<Vma>(link)
    if ((vma.flags & VM_ACCOUNT) !== 0) pages += vma.end - vma.start
  }
  return pages
}

/** Pages promised to the objects of a mount. */
function promisedIn(mount: Mount): u64 {
  let pages: u64 = 0
  for (let link = mount.list.next; link !== mount.list; link = link.next) {
    const inode = Inode.ofMount(link)
    if (!inode.isDisk) pages += inode.promised ? inode.length : <u64>inode.pages + inode.swapped
  }
  return pages
}

/** Compares the count of promises with what counting finds. */
export function checkPromises(): u32 {
  let pages: u64 = 0
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (task) pages += promisedTo(task)
  }
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) pages += promisedIn(Mount.at(index))
  return pages === Commitment.pages ? 0 : broken(BROKEN_COMMITMENT, <u32>pages, <u32>Commitment.pages)
}
