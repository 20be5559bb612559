// Users' frames as the slots of a policy of `policy/`, which says which page goes when another comes: for machines that were
// booted with one. A page that comes takes a slot, and if there is none, that of the page which the policy gives up; that
// page is a victim until reclaim/victims has evicted it. The policy is told of each in the order in which the replay engine would, and
// all under one lock, so that nothing comes between. A page in a slot has PG_ON_LRU, and the slot's number in `prev`. The
// functions are generic in the policy; the build generates the switches over policies. Takes: Lru.
import { POLICY_PARAMS, SLOTS } from '../abi/layout'
import { NO_SLOT, Params, Policy } from '../policy/policy'
import { Cpu, SHORT_OF_SLOTS } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Frame, PG_ON_LRU, PG_VICTIM, State } from './frame'
import { Superblock } from './superblock'

/** Keys have 31 bits. */
const MAX_KEY: u32 = 0x7fffffff
/** In the table of frames: the slot is free; above it the next free one plus one, 0 behind the last. */
const FREE: u32 = 1

/** The slots, and the pages that were given up. Guard: Lru. */
@unmanaged
@final
export class Slots extends Lock {
  /** How many slots there are; 0 before the machine reclaims. */
  slots: u32
  /** Slots handed out so far, in order; those that were freed since included. */
  taken: u32
  /** The slot freed last plus one, 0 if none is free; and how many are. */
  freed: u32
  freedCount: u32
  /** Address of the frame in each slot. */
  frames: usize
  /** Pages that were given up, the oldest first, linked by `next`; each has a reference from here, and its shadow in `prev`. */
  first: Frame | null
  last: Frame | null

  @inline
  static get only(): Slots {
    return changetype<Slots>(SLOTS)
  }

  /** Address of what stands in the table for a slot. */
  @inline
  at(slot: u32): usize {
    return this.frames + ((<usize>slot) << 2)
  }

  /** How many pages are in slots. */
  @inline
  get resident(): u32 {
    return this.taken - this.freedCount
  }
}

/** The policy. */
function policyOf<P extends Policy>(): P {
  return changetype<P>(Superblock.only.policyAt)
}

/** What names a page to the policy: its place in its family or object, and which object. */
function keyOf(frame: Frame): u32 {
  const place = <u32>frame.place & MAX_KEY
  return frame.state === State.Object ? (place ^ ((frame.owner >> 6) * 0x9e3779b1)) & MAX_KEY : place
}

/** Bytes of a policy for so many slots, of pages that nobody counted. */
export function footprint<P extends Policy>(slots: u32): usize {
  return policyOf<P>().footprint(slots, changetype<Params>(POLICY_PARAMS))
}

/** Starts the policy, whose memory is zeros. */
export function start<P extends Policy>(): void {
  const policy = policyOf<P>()
  policy.slots = Slots.only.slots
  policy.seed = 1
  policy.init(changetype<Params>(POLICY_PARAMS))
}

/** Takes in a page that came, with the shadow that was left in its place, 0 for none. Holds: Lru. */
export function arriveLocked<P extends Policy>(frame: Frame, shadow: u32): void {
  const slots = Slots.only
  const policy = policyOf<P>()
  const key = keyOf(frame)
  if (isDefined(policy.miss)) {
    if (!policy.miss(key, shadow)) {
      // the policy wants none of it: it is there for this access only
      giveUp(frame, shadow)
      return
    }
  }
  const slot = slots.taken < slots.slots ? slots.taken++ : makeRoom<P>()
  if (isDefined(policy.surplus)) shrink<P>()
  store<u32>(slots.at(slot), changetype<u32>(frame))
  frame.prev = changetype<Frame>(<usize>slot)
  frame.setFlags(PG_ON_LRU)
  policy.insert(slot, key)
}

/** Tells the policy that a page in a slot was used. Holds: Lru. */
export function accessLocked<P extends Policy>(frame: Frame): void {
  const policy = policyOf<P>()
  policy.access(<u32>changetype<usize>(frame.prev))
  if (isDefined(policy.surplus)) shrink<P>()
}

/** Takes a page out of its slot that is freed. Holds: Lru. */
export function leaveLocked<P extends Policy>(frame: Frame): void {
  const slot = <u32>changetype<usize>(frame.prev)
  policyOf<P>().remove(slot)
  frame.clearFlags(PG_ON_LRU)
  freeSlot(slot)
}

/** Traps, in the debug build, if the policy's books do not balance. Holds: Lru. */
export function check<P extends Policy>(): void {
  policyOf<P>().check(Slots.only.resident)
}

/** A free slot: one that was freed, or that of the page which the policy gives up. Holds: Lru. */
function makeRoom<P extends Policy>(): u32 {
  const slots = Slots.only
  if (slots.freed === 0) {
    const slot: u32 = policyOf<P>().evict()
    dismiss<P>(slot)
    return slot
  }
  const slot = slots.freed - 1
  slots.freed = load<u32>(slots.at(slot)) >> 1
  slots.freedCount--
  return slot
}

/** Gives up the pages that the policy gives up of its own accord. Holds: Lru. */
function shrink<P extends Policy>(): void {
  const policy = policyOf<P>()
  for (let slot: u32 = policy.surplus(); slot !== NO_SLOT; slot = policy.surplus()) {
    dismiss<P>(slot)
    freeSlot(slot)
  }
}

/** Makes the page in a slot, which the policy gave up, a victim. Holds: Lru. */
function dismiss<P extends Policy>(slot: u32): void {
  const policy = policyOf<P>()
  const frame = changetype<Frame>(load<u32>(Slots.only.at(slot)))
  let shadow: u32 = 0
  if (isDefined(policy.shadow)) shadow = policy.shadow(slot)
  frame.clearFlags(PG_ON_LRU)
  giveUp(frame, shadow)
}

/** Notes a slot as free. Holds: Lru. */
function freeSlot(slot: u32): void {
  const slots = Slots.only
  store<u32>(slots.at(slot), (slots.freed << 1) | FREE)
  slots.freed = slot + 1
  slots.freedCount++
}

/** Puts a page to those that are to be evicted, unless it is just being freed, or evicted by somebody else. Holds: Lru. */
function giveUp(frame: Frame, shadow: u32): void {
  const slots = Slots.only
  if (!frame.tryRef()) return
  if (frame.setFlags(PG_VICTIM) !== 0) {
    // who evicts it has a reference, too, so this is not the last
    frame.dropRef()
    return
  }
  frame.prev = changetype<Frame>(<usize>shadow)
  frame.next = changetype<Frame>(0)
  if (slots.last) changetype<Frame>(slots.last).next = frame
  else slots.first = frame
  slots.last = frame
  Cpu.current.short |= SHORT_OF_SLOTS
}

/** The frame in a slot; null if it is free. */
export function frameIn(slot: u32): Frame | null {
  const word = load<u32>(Slots.only.at(slot))
  return changetype<Frame>((word & FREE) !== 0 ? 0 : word)
}
