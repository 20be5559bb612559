// validate(): control groups: what each pays for and who is in it, against the frames, slots of swap and address spaces there are.
import { BROKEN_GROUP } from '../abi/invariant'
import { PID_MAX } from '../abi/layout'
import { SWAP_AREA_COUNT, SWAP_OFF } from '../abi/swap'
import { SwapArea } from '../map/swapArea'
import { Frame } from '../phys/frame'
import { Group } from '../phys/group'
import { Superblock } from '../phys/superblock'
import { livingTask } from '../proc/task'
import { broken } from './report'

/** How many frames a group pays for; all ones if one of them is none that is paid for. */
function framesOf(number: u32): u32 {
  let frames: u32 = 0
  for (let pfn: u32 = 0; pfn < Superblock.only.frames; pfn++) {
    const frame = Frame.at(pfn)
    if (frame.group !== <u8>number) continue
    if (!frame.isUsers) return 0xffffffff
    frames++
  }
  return frames
}

/** How many slots of swap a group pays for. */
function slotsOf(number: u32): u32 {
  let slots: u32 = 0
  for (let index: u32 = 0; index < SWAP_AREA_COUNT; index++) {
    const area = SwapArea.at(index)
    if (area.state === SWAP_OFF) continue
    for (let slot: u32 = 0; slot < area.slots; slot++) {
      if (load<u8>(area.payerAt(slot)) !== <u8>number) continue
      // a free one is nobody's
      if (area.slot(slot).isFree) return 0xffffffff
      slots++
    }
  }
  return slots
}

/** How many processes are in a group. */
function membersOf(number: u32): u32 {
  let members: u32 = 0
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (task && task.mm.group === number) members++
  }
  return members
}

/** Every group but the root, to which everything else belongs. */
export function checkGroups(): u32 {
  for (let number: u32 = 1; number < Superblock.only.groups; number++) {
    const group = Group.at(number)
    if (group.usage !== framesOf(number)) return broken(BROKEN_GROUP, number, group.usage)
    if (group.members !== membersOf(number)) return broken(BROKEN_GROUP, number, group.members)
    if (group.swapUsage !== slotsOf(number)) return broken(BROKEN_GROUP, number, group.swapUsage)
    if (group.isUsed === 0 && (group.usage | group.members) !== 0) return broken(BROKEN_GROUP, number, 0)
  }
  return 0
}
