// What a policy that sees every access is told of those that the TLB serves: each CPU notes in a page of its own which frame
// each TLB entry leads to, and behind that the frames that were used, in order. Before another page comes, and when
// the page is full, the policy is told of them.
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { Frame, PG_ON_LRU, PG_VICTIM } from './frame'
import { accessPage, arrivePage } from './policies.gen'
import { Slots } from './slots'

/** Where in the page the uses begin: behind a word for each TLB entry. */
const USES_AT: usize = 2048
/** How many fit. */
const USES: u32 = 512

/** Notes which frame a TLB entry leads to. */
export function noteEntry(cpu: Cpu, entry: u32, pfn: u32): void {
  if (cpu.uses !== 0) store<u32>(cpu.uses + ((<usize>entry) << 2), pfn)
}

/** Makes room for one more use. Takes: Lru. */
export function makeRoomForUse(cpu: Cpu): void {
  cpu.arrived = 0
  if (cpu.useCount === USES) tellUses()
}

/** Notes that the page of a TLB entry was used, for which there is room, unless it came with this access. */
export function noteUse(cpu: Cpu, entry: u32): void {
  if (cpu.arrived !== 0) return
  store<u32>(cpu.uses + USES_AT + ((<usize>cpu.useCount) << 2), load<u32>(cpu.uses + ((<usize>entry) << 2)))
  cpu.useCount++
}

/** Tells the policy what this CPU noted. Takes: Lru. */
export function tellUses(): void {
  const slots = Slots.only
  slots.lock(Rank.Lru)
  tellUsesLocked()
  slots.unlock(Rank.Lru)
}

/** Whether a page is in no slot, nor to be evicted. */
function isLeftAlone(frame: Frame): bool {
  return frame.isUsers && !frame.has(PG_VICTIM)
}

/** As tellUses. Holds: Lru. */
export function tellUsesLocked(): void {
  const cpu = Cpu.current
  const first = cpu.uses + USES_AT
  const end = first + ((<usize>cpu.useCount) << 2)
  for (let at = first; at < end; at += 4) {
    const frame = Frame.at(load<u32>(at))
    // it may be another page's by now, or nobody's; or one that could not be evicted, and comes back
    if (frame.has(PG_ON_LRU)) accessPage(frame)
    else if (isLeftAlone(frame)) arrivePage(frame, 0)
  }
  cpu.useCount = 0
}
