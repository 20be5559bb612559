// The pages of a machine that one of the policies of `policy/` manages: where that stands in memory, and how it begins. Takes: Lru.
import { PAGE_SIZE } from '../abi/layout'
import { Cpu } from '../sync/cpu'
import { Frame } from './frame'
import { PerCpuFrames } from './pcp'
import { footprintOf, startPolicy } from './policies.gen'
import { arrive } from './residents'
import { Slots } from './slots'
import { Superblock } from './superblock'
import { Zone } from './zone'

/** One frame of so many is left to tables and objects, where they come from the same zone as users' pages. */
const KERNEL_SHARE: u32 = 32

/** Bytes of all that stands at Superblock.policyAt, for the policy with a number, of at most so many slots. */
export function regionBytes(policy: u32, slots: u32, cpus: u32): u64 {
  return <u64>align(footprintOf(policy, slots)) + ((<u64>slots) << 2) + (<u64>cpus + 1) * PAGE_SIZE
}

function align(bytes: usize): usize {
  return (bytes + 15) & ~15
}

/** Frames that users' pages may fill: all that they have or could take, but for what waits in CPUs' stacks, and what reclaim leaves free. */
function roomForUsers(): u32 {
  const superblock = Superblock.only
  const zone = Zone.ofUsers
  let frames = zone.free
  let kept = zone.high
  for (let id: u32 = 0; id < superblock.cpus; id++) {
    const stack = PerCpuFrames.of(Cpu.at(id), superblock.userZone)
    frames += stack.count
    kept += stack.batch * 4 + 1
  }
  for (let pfn = zone.first; pfn < zone.end; pfn++) {
    if (Frame.at(pfn).isUsers) frames++
  }
  if (superblock.userZone === 0) kept += frames / KERNEL_SHARE
  return frames > kept ? frames - kept : 1
}

/** Hands users' pages to the policy, in the order of their numbers. Nothing else runs. Takes: Lru. */
export function startResidents(): void {
  const superblock = Superblock.only
  const slots = Slots.only
  slots.slots = min(roomForUsers(), superblock.maxSlots)
  slots.frames = superblock.policyAt + align(footprintOf(superblock.policy - 1, superblock.maxSlots))
  const pages = (slots.frames + ((<usize>superblock.maxSlots) << 2) + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1)
  for (let id: u32 = 0; id < superblock.cpus; id++) Cpu.at(id).uses = pages + <usize>id * PAGE_SIZE
  startPolicy()
  const zone = Zone.ofUsers
  for (let pfn = zone.first; pfn < zone.end; pfn++) {
    const frame = Frame.at(pfn)
    if (frame.isUsers) arrive(frame, 0)
  }
}
