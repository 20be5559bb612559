// Making and freeing swap areas: what swapon and swapoff do with the structs. One thread does it at a time, that of init. Takes: Swap, Slab, Zone.
import { EBUSY, EINVAL, ENOMEM, EPERM } from '../abi/errno'
import { PAGE_SIZE, SWAP_TOTALS } from '../abi/layout'
import { SWAP_AREA_COUNT, SWAP_COMPRESSES, SWAP_LEAVING, SWAP_NONE, SWAP_OFF, SWAP_ON, SWAP_ROTATES } from '../abi/swap'
import { allocBytes, freeBytes } from '../phys/bytes'
import { addSwapPages } from '../phys/commit'
import { Frame } from '../phys/frame'
import { allocFrame, freeFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { Need } from '../phys/zone'
import { Rank } from '../sync/lockdep'
import { BAD, CLUSTER, List, SwapArea, SwapTotals } from './swapArea'
import { SLOT_END } from './swapEntry'
import { SwapHits } from './swapHits'

/** The priority of the first area that is given none; each next one's is less by one. */
const FIRST_PRIORITY: i32 = -2

/** The area that has a name; -1 if none has. */
function findArea(path: usize, length: u32): i32 {
  for (let number: u32 = 0; number < SWAP_AREA_COUNT; number++) {
    const area = SwapArea.at(number)
    if (area.state !== SWAP_OFF && area.pathLength === length && memory.compare(area.path, path, length) === 0) return number
  }
  return -1
}

/** The number of an area that is off; -1 if there is none. */
function findOff(): i32 {
  for (let number: u32 = 0; number < SWAP_AREA_COUNT; number++) if (SwapArea.at(number).state === SWAP_OFF) return number
  return -1
}

/** The priority of an area that is given none: below all others. */
function nextPriority(): i32 {
  let priority = FIRST_PRIORITY
  for (let number: u32 = 0; number < SWAP_AREA_COUNT; number++) {
    const area = SwapArea.at(number)
    if (area.state !== SWAP_OFF) priority = min(priority, area.priority - 1)
  }
  return priority
}

/** Gives an area the slots of its clusters; false, with what it got, if there is no memory. */
function fill(area: SwapArea): bool {
  for (let list = 0; list < 4; list++) area.list(list).reset()
  for (let index: u32 = 0; index < area.clusterCount; index++) {
    const frame = allocFrame(Need.Kernel)
    if (!frame) return false
    memory.fill(frame.page, 0, PAGE_SIZE)
    const cluster = area.cluster(index)
    cluster.table = <u32>frame.page
    cluster.payers = <u32>allocBytes(area.noteBytes)
    if (cluster.payers === 0) return false
    memory.fill(cluster.payers, 0, area.noteBytes)
    markBad(area, index)
    cluster.insertBefore(area.list(cluster.used === 0 ? List.Free : List.Nonfull))
    cluster.list = <u16>(cluster.used === 0 ? List.Free : List.Nonfull)
  }
  return true
}

/** Marks what is no slot of a cluster, in front and behind the area's end. */
function markBad(area: SwapArea, index: u32): void {
  const cluster = area.cluster(index)
  const first = index * CLUSTER
  for (let slot = first; slot < first + CLUSTER; slot++) {
    if (slot !== 0 && slot < area.slots) continue
    area.slot(slot).count = BAD
    cluster.used++
  }
}

/** Gives back what an area has. */
function empty(area: SwapArea): void {
  for (let index: u32 = 0; index < area.clusterCount; index++) {
    const cluster = area.cluster(index)
    if (cluster.table !== 0) freeFrame(Frame.of(cluster.table))
    if (cluster.payers !== 0) freeBytes(cluster.payers, area.noteBytes)
  }
  freeBytes(area.clusters, SwapArea.bytesOf(area.clusterCount))
  freeBytes(area.path, area.pathLength)
}

/**
 * Makes an area of so many pages, the header among them, with flags of abi/swap, with the name at `path`; a priority below 0 is for none given. Returns
 * its number: EINVAL for too few or too many pages, EBUSY if the name is taken, EPERM if there are as many areas as can be, ENOMEM.
 */
export function makeArea(backing: u32, flags: u32, pages: u64, priority: i32, path: usize, length: u32, base: u32): i32 {
  if (pages < 2 || pages > <u64>SLOT_END || length === 0) return -EINVAL
  // contents must be somewhere
  if (backing === SWAP_NONE && Superblock.only.lowFrames === Superblock.only.frames) return -EINVAL
  if (findArea(path, length) >= 0) return -EBUSY
  const number = findOff()
  if (number < 0) return -EPERM
  const area = SwapArea.at(number)
  area.clusterCount = (<u32>pages + CLUSTER - 1) / CLUSTER
  area.slots = <u32>pages
  area.rotates = flags & SWAP_ROTATES
  area.compresses = flags & SWAP_COMPRESSES
  area.clusters = <u32>allocBytes(SwapArea.bytesOf(area.clusterCount))
  if (area.clusters === 0) return -ENOMEM
  area.path = <u32>allocBytes(length)
  area.pathLength = length
  if (area.path === 0) {
    freeBytes(area.clusters, SwapArea.bytesOf(area.clusterCount))
    return -ENOMEM
  }
  memory.copy(area.path, path, length)
  if (!fill(area)) {
    empty(area)
    return -ENOMEM
  }
  area.backing = backing
  SwapHits.only.rotating += area.rotates
  area.base = base
  area.priority = priority < 0 ? nextPriority() : priority
  area.turn = 0
  atomic.add<u32>(changetype<usize>(area), 1, offsetof<SwapArea>('generation'))
  addSwapPages(area.slots - 1)
  setState(area, SWAP_ON)
  countAreas()
  return number
}

/** Sets an area's state; the free slots of one that is on, and of no other, may be taken. Holds: Swap, or nobody takes any. */
function setState(area: SwapArea, state: u32): void {
  const free = <i32>(area.slots - 1 - area.used)
  const was = area.isOn
  if (state === SWAP_ON) SwapTotals.only.addFree(free)
  atomic.store<u32>(changetype<usize>(area), state, offsetof<SwapArea>('state'))
  if (was) SwapTotals.only.addFree(-free)
}

/** Notes where the numbers of areas end. */
function countAreas(): void {
  let end: u32 = 0
  for (let number: u32 = 0; number < SWAP_AREA_COUNT; number++) if (SwapArea.at(number).state !== SWAP_OFF) end = number + 1
  atomic.store<u32>(SWAP_TOTALS, end, offsetof<SwapTotals>('end'))
}

/** Takes no more slots of an area, or takes them again. Takes: Swap, so that nobody is about to take one. */
export function leaveArea(area: SwapArea, leave: bool): void {
  area.lock(Rank.Swap)
  setState(area, leave ? SWAP_LEAVING : SWAP_ON)
  area.unlock(Rank.Swap)
}

/** Frees an area that is being left, and of which no slot is in use. */
export function freeArea(area: SwapArea): void {
  const priority = area.priority
  addSwapPages(-(<i64>area.slots - 1))
  setState(area, SWAP_OFF)
  countAreas()
  SwapHits.only.rotating -= area.rotates
  empty(area)
  if (priority >= 0) return
  for (let number: u32 = 0; number < SWAP_AREA_COUNT; number++) {
    const other = SwapArea.at(number)
    if (other.state !== SWAP_OFF && other.priority < priority) other.priority++
  }
}

/** Whether an area with a number is on. */
export function isArea(number: u32): bool {
  return number < SWAP_AREA_COUNT && SwapArea.at(number).state !== SWAP_OFF
}
