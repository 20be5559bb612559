// validate(): the pages of a machine that a policy of `policy/` manages, against the slots they are in.
import { BROKEN_LRU } from '../abi/invariant'
import { Frame, PG_ON_LRU, PG_VICTIM } from '../phys/frame'
import { checkPolicy } from '../phys/policies.gen'
import { frameIn, Slots } from '../phys/slots'
import { Superblock } from '../phys/superblock'
import { Rank } from '../sync/lockdep'
import { broken } from './report'

/** Every slot, the policy's own books, and that no page says that it is in a slot and is not. Pages that could not be evicted are in none. */
export function checkSlots(): u32 {
  const slots = Slots.only
  if (slots.isHeld || slots.first) return broken(BROKEN_LRU, Rank.Lru, 0)
  let resident: u32 = 0
  for (let slot: u32 = 0; slot < slots.taken; slot++) {
    const frame = frameIn(slot)
    if (!frame) continue
    const right = frame.has(PG_ON_LRU) && <u32>changetype<usize>(frame.prev) === slot
    if (!right || !frame.isUsers) return broken(BROKEN_LRU, slot, frame.pfn)
    resident++
  }
  if (resident !== slots.resident || slots.taken > slots.slots) return broken(BROKEN_LRU, resident, slots.resident)
  for (let pfn: u32 = 0; pfn < Superblock.only.frames; pfn++) {
    const frame = Frame.at(pfn)
    if (!frame.isUsers) continue
    if (frame.has(PG_VICTIM)) return broken(BROKEN_LRU, pfn, frame.flags)
    if (frame.has(PG_ON_LRU)) resident--
  }
  checkPolicy()
  return resident === 0 ? 0 : broken(BROKEN_LRU, resident, 0)
}
