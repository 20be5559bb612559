// validate(): swap areas. References to a slot are counted in its flags, above SLOT_ZEROS, while page tables and objects'
// trees are walked, and compared with what it counts at the end.
import { BROKEN_AREA, BROKEN_BYTES, BROKEN_LOCK, BROKEN_SWAP } from '../abi/invariant'
import { PAGE_SIZE } from '../abi/layout'
import { SLOT_SAME, SLOT_ZEROS, SWAP_AREA_COUNT, SWAP_ON } from '../abi/swap'
import { BAD, CLUSTER, Cluster, List, SwapArea, SwapTotals } from '../map/swapArea'
import { areaNumberOf, makeEntry, slotOf } from '../map/swapEntry'
import { Frame, PG_SWAPCACHE, State } from '../phys/frame'
import { Rank } from '../sync/lockdep'
import { tallyBytes } from './bytes'
import { tallyHeld } from './frames'
import { broken } from './report'

/** One reference in a slot's flags. */
const ONE: u16 = <u16>(SLOT_ZEROS << 1)

function isOn(area: SwapArea): bool {
  return area.state === SWAP_ON
}

/** Forgets what was counted. */
export function resetSwap(): void {
  for (let number: u32 = 0; number < SWAP_AREA_COUNT; number++) {
    const area = SwapArea.at(number)
    if (!isOn(area)) continue
    for (let slot: u32 = 0; slot < area.slots; slot++) area.slot(slot).flags &= <u16>SLOT_ZEROS
  }
}

/** Counts a reference to a swap entry; false if it is none. */
export function tallySwap(entry: u32): bool {
  if (areaNumberOf(entry) >= SWAP_AREA_COUNT) return false
  const area = SwapArea.of(entry)
  const slot = slotOf(entry)
  if (!isOn(area) || slot >= area.slots || area.slot(slot).count === BAD) return false
  area.slot(slot).flags += ONE
  return true
}

/** The areas: their slots, the frames that have them, their clusters. */
export function checkAreas(): u32 {
  let free: u32 = 0
  for (let number: u32 = 0; number < SWAP_AREA_COUNT; number++) {
    const area = SwapArea.at(number)
    if (area.isHeld) return broken(BROKEN_LOCK, Rank.Swap, number)
    if (!isOn(area)) continue
    const bytes = SwapArea.bytesOf(area.clusterCount)
    if (!tallyBytes(area.clusters, bytes) || !tallyBytes(area.path, area.pathLength)) return broken(BROKEN_BYTES, number, bytes)
    const found = checkArea(area)
    if (found !== 0) return found
    free += area.slots - 1 - area.used
    if (number >= SwapTotals.only.end) return broken(BROKEN_AREA, number, SwapTotals.only.end)
  }
  return free === SwapTotals.only.free ? 0 : broken(BROKEN_AREA, free, SwapTotals.only.free)
}

function checkArea(area: SwapArea): u32 {
  let used: u32 = 0
  let clusters: u32 = 0
  for (let index: u32 = 0; index < area.clusterCount; index++) {
    const cluster = area.cluster(index)
    if (!tallyBytes(cluster.payers, area.noteBytes)) return broken(BROKEN_BYTES, area.number, CLUSTER)
    const found = checkSlots(area, index)
    if (found !== 0) return found
    used += cluster.used
    const list = cluster.list
    const right = list === <u16>List.Free ? cluster.used === 0 : (list === <u16>List.Full) === (<u32>cluster.used === CLUSTER)
    if (!right) return broken(BROKEN_AREA, area.number, index)
  }
  for (let list = 0; list < 4; list++) {
    clusters += area.list(list).checkedLength(area.clusterCount)
    for (let link = area.list(list).next; link !== area.list(list); link = link.next) {
      if (changetype<Cluster>(link).list !== <u16>list) return broken(BROKEN_AREA, area.number, list)
    }
  }
  // the header, and what is behind the end
  const bad = area.clusterCount * CLUSTER - area.slots + 1
  if (used - bad !== area.used || clusters !== area.clusterCount) return broken(BROKEN_AREA, area.number, used)
  return checkMarks(area)
}

/** The slots of a cluster: who refers to them, and how many are in use. */
function checkSlots(area: SwapArea, index: u32): u32 {
  let used: u32 = 0
  for (let slot = index * CLUSTER; slot < (index + 1) * CLUSTER; slot++) {
    const at = area.slot(slot)
    if (!at.isFree) used++
    if (at.count === BAD) continue
    const entry = makeEntry(area.number, slot)
    const counted = at.flags / ONE
    at.flags &= <u16>SLOT_ZEROS
    if (at.count !== counted) return broken(BROKEN_SWAP, entry, <u32>(counted - at.count))
    if (at.isMoving) return broken(BROKEN_SWAP, entry, at.cache)
    const frame = at.frame
    if (frame && !isCached(frame, entry)) return broken(BROKEN_SWAP, entry, frame.pfn)
  }
  return used === <u32>area.cluster(index).used ? 0 : broken(BROKEN_AREA, area.number, index)
}

/** Whether a frame knows the slot that has it; it accounts for the frame. */
function isCached(frame: Frame, entry: u32): bool {
  return frame.state === State.Anonymous && frame.has(PG_SWAPCACHE) && frame.swap === entry && tallyHeld(frame.pfn)
}

/** How many slots have frames, and zeros, and what pages take compressed. */
function checkMarks(area: SwapArea): u32 {
  let cached: u32 = 0
  let zeros: u32 = 0
  let stored: u32 = 0
  let same: u32 = 0
  let huge: u32 = 0
  let compressed: u64 = 0
  for (let slot: u32 = 1; slot < area.slots; slot++) {
    const at = area.slot(slot)
    if (at.frame) cached++
    if ((at.flags & SLOT_ZEROS) !== 0) zeros++
    const bytes: u32 = area.compresses === 0 ? 0 : load<u16>(area.sizeAt(slot))
    if (bytes !== 0 && at.isFree) return broken(BROKEN_AREA, area.number, slot)
    if (bytes !== 0) stored++
    if (bytes === SLOT_SAME) same++
    else compressed += bytes
    if (bytes === PAGE_SIZE) huge++
  }
  if (stored !== area.stored || same !== area.same || huge !== area.huge || compressed !== area.compressed)
    return broken(BROKEN_AREA, area.number, stored)
  return cached === area.cached && zeros === area.zeros ? 0 : broken(BROKEN_AREA, area.number, cached)
}
