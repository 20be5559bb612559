// Emptying a swap area: each page of it is brought back, where entries in page tables and objects' trees say, as Linux's
// try_to_unuse. All other threads stand still meanwhile. Takes: Mapping, Tables, Swap, Zone.
import { PID_MAX } from '../abi/layout'
import { Inode } from '../map/inode'
import { MOUNT_COUNT, Mount } from '../map/mount'
import { nextMapped, walk } from '../map/pagetable'
import { isSwap, swapOf } from '../map/pte'
import { radixGet, radixNext } from '../map/radix'
import { putPrivate, swapCacheLeave } from '../map/swap'
import { SwapArea } from '../map/swapArea'
import { areaNumberOf, entryOf, isSwapValue } from '../map/swapEntry'
import { freeArea, leaveArea } from '../map/swapOn'
import { Vma } from '../map/vma'
import { bringBack } from '../mm/shmem'
import { Mm } from '../mm/space'
import { unuseLocked } from '../mm/swapIn'
import { livingTask } from '../proc/task'
import { Rank } from '../sync/lockdep'

/** Brings back what a VMA has in an area: 0, ENOMEM, EIO. Takes: Tables. */
function unuseVma(mm: Mm, vma: Vma, area: u32): i32 {
  let error: i32 = 0
  mm.tablesLock.lock(Rank.Tables)
  for (let vpn = nextMapped(mm.tables, vma.start, vma.end); vpn < vma.end && error === 0; ) {
    const at = walk(mm.tables, vpn)
    const pte = load<u64>(at)
    if (isSwap(pte) && areaNumberOf(swapOf(pte)) === area) error = unuseLocked(mm, vma, vpn, at)
    vpn = nextMapped(mm.tables, vpn + 1, vma.end)
  }
  mm.tablesLock.unlock(Rank.Tables)
  return error
}

/** Brings back what processes have in an area: 0, ENOMEM, EIO. */
function unuseSpaces(area: u32): i32 {
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (!task || task.mm.swapped === 0) continue
    const list = task.mm.list
    for (let link = list.next; link !== list; link = link.next) {
      const error = unuseVma(task.mm, changetype<Vma>(link), area)
      if (error !== 0) return error
    }
  }
  return 0
}

/** Brings back what an object has in an area: 0, ENOMEM, EIO. */
function unuseObject(inode: Inode, area: u32): i32 {
  for (let index = radixNext(inode.root, 0); index >= 0 && inode.swapped !== 0; index = radixNext(inode.root, <u32>index + 1)) {
    const found = radixGet(inode.root, <u32>index)
    if (!isSwapValue(found) || areaNumberOf(entryOf(found)) !== area) continue
    const error = bringBack(inode, <u32>index, false)
    if (error !== 0) return error
  }
  return 0
}

/** Brings back what objects have in an area: 0, ENOMEM, EIO. */
function unuseObjects(area: u32): i32 {
  for (let index: u32 = 0; index < MOUNT_COUNT; index++) {
    const list = Mount.at(index).list
    for (let link = list.next; link !== list; link = link.next) {
      const error = unuseObject(Inode.ofMount(link), area)
      if (error !== 0) return error
    }
  }
  return 0
}

/** Takes the frames out of the swap cache that have slots of an area to which nothing refers. */
function leaveSlots(area: SwapArea): void {
  for (let slot: u32 = 1; slot < area.slots && area.cached !== 0; slot++) {
    const frame = area.slot(slot).frame
    if (!frame) continue
    // the cache's reference may be the last
    frame.addRef()
    swapCacheLeave(frame)
    putPrivate(frame)
  }
}

/** Brings back every page that is in an area, which is on, and frees it; else it stays on, with what is not back: ENOMEM, or EIO if a page cannot be read. */
export function swapOff(number: u32): i32 {
  const area = SwapArea.at(number)
  leaveArea(area, true)
  let error = unuseObjects(number)
  if (error === 0) error = unuseSpaces(number)
  if (error === 0) {
    leaveSlots(area)
    freeArea(area)
  } else leaveArea(area, false)
  return error
}
