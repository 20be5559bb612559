// The pages of a machine that one of the policies of `policy/` manages: how they come and go. Takes: Lru.
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { Frame, PG_ON_LRU, PG_VICTIM } from './frame'
import { accessPage, arrivePage, leavePage } from './policies.gen'
import { Slots } from './slots'
import { tellUsesLocked } from './uses'

/** Takes in a page that came, with the shadow that was left in its place, 0 for none, unless it is there already. Takes: Lru. */
export function arrive(frame: Frame, shadow: u32): void {
  const slots = Slots.only
  slots.lock(Rank.Lru)
  tellUsesLocked()
  if (!frame.has(PG_ON_LRU | PG_VICTIM)) arrivePage(frame, shadow)
  slots.unlock(Rank.Lru)
  Cpu.current.arrived = 1
}

/** Notes that a page was used by a call, unless it came with that. Takes: Lru. */
export function use(frame: Frame): void {
  const cpu = Cpu.current
  const came = cpu.arrived !== 0
  cpu.arrived = 0
  if (came) return
  const slots = Slots.only
  slots.lock(Rank.Lru)
  tellUsesLocked()
  if (frame.has(PG_ON_LRU)) accessPage(frame)
  slots.unlock(Rank.Lru)
}

/** Takes a page that is freed out of its slot, if it is in one. Takes: Lru. */
export function leave(frame: Frame): void {
  const slots = Slots.only
  slots.lock(Rank.Lru)
  if (frame.has(PG_ON_LRU)) leavePage(frame)
  slots.unlock(Rank.Lru)
}

/** Takes a page, for which the caller has a reference, out of its slot for who evicts it, with a reference more; false if it is in none. Takes: Lru. */
export function takeOut(frame: Frame): bool {
  const slots = Slots.only
  slots.lock(Rank.Lru)
  const taken = frame.has(PG_ON_LRU)
  if (taken) {
    leavePage(frame)
    frame.setFlags(PG_VICTIM)
    frame.prev = changetype<Frame>(0)
    frame.addRef()
  }
  slots.unlock(Rank.Lru)
  return taken
}

/** The victim that waits longest, no longer one of those that wait, with the reference they had; null if there is none. Takes: Lru. */
export function takeVictim(): Frame | null {
  const slots = Slots.only
  slots.lock(Rank.Lru)
  const frame = slots.first
  if (frame) {
    slots.first = changetype<Frame>(frame.next)
    if (!slots.first) slots.last = null
  }
  slots.unlock(Rank.Lru)
  return frame
}

/** Lets a page that could not be evicted stay: it comes back to the policy, which may give up another, or when it is used. Takes: Lru. */
export function keepVictim(frame: Frame, comesBack: bool): void {
  if (!frame.has(PG_VICTIM)) return
  const shadow = shadowOf(frame)
  frame.clearFlags(PG_VICTIM)
  if (comesBack) arrive(frame, shadow)
}

/** What the policy wants to be left in the place of a page that is evicted, 0 for nothing. */
export function shadowOf(frame: Frame): u32 {
  return frame.has(PG_ON_LRU) || !frame.has(PG_VICTIM) ? 0 : <u32>changetype<usize>(frame.prev)
}
