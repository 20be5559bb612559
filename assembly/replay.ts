// The replay engine: references in, misses out; no page contents, no page tables. The host
// writes batches of references to REFERENCES and calls `run`; slots are handed to the policy,
// which chooses victims. The functions are generic in the policy, so that each policy gets a
// loop of its own with every hook inlined; the build generates the exports that choose the
// loop by the policy's number. Every instance has a memory of its own:
//
//   CONTROL      struct Replay, then struct Params and the policy's parameters (f64 each)
//   REFERENCES   one batch: u32 dense page id, bit 31 set for a write
//   FUTURE       one batch: u32 time of each reference's next one (policies that see the future)
//   POLICY       the policy's footprint, then pageOf, where, and for some policies the page ids
import { HEADER, MAX_SHADOW, NO_SLOT, Params, Policy } from './policy/policy'

/** Address of struct Replay. */
export const CONTROL: usize = 1024
/** Address of struct Params. */
const ABOUT: usize = CONTROL + 256
/** Address of the policy's parameters. */
export const PARAMS: usize = ABOUT + offsetof<Params>()
/** Address of the batch of references. */
export const REFERENCES: usize = 64 * 1024
/** How many references fit in a batch. */
export const BATCH: u32 = 64 * 1024
/** Address of the batch of next-reference times. */
export const FUTURE: usize = REFERENCES + <usize>BATCH * 4
/** Address of the policy. */
export const POLICY: usize = FUTURE + <usize>BATCH * 4

// A page's entry in `where`: bit 31 resident, bit 30 dirty, and the slot; or, if the page is
// not resident, the policy's shadow, which is 0 for a page never seen.
const RESIDENT: u32 = 1 << 31
const DIRTY: u32 = 1 << 30
const SLOT: u32 = DIRTY - 1
/** In `pageOf`: the slot was freed; the other bits are the next freed slot plus one, 0 behind the last. */
const FREED: u32 = 1 << 31
/** A reference's write bit. */
const WRITE: u32 = 1 << 31
/** How many bytes of references are looked up ahead of use, so that their misses in the CPU's caches overlap. */
const AHEAD: usize = 256

/** State of a replay. */
@unmanaged
@final
export class Replay {
  /** Number of slots (frames). */
  slots: u32
  /** Slots handed out so far, in order; those that were freed since included. */
  taken: u32
  /** Address of the page in each slot: u32, with bit 31 set if the slot was freed. */
  pageOf: usize
  /** Address of the entry of each page: u32, see above. */
  where: usize
  /** Address behind the last byte in use. */
  end: usize
  /** References that found no slot. */
  misses: u32
  /** Pages evicted. */
  evictions: u32
  /** Pages evicted that had been written since they came in. */
  dirtyEvictions: u32
  /** The slot freed last plus one, 0 if none is free. */
  freed: u32
  /** How many slots are freed. */
  freedCount: u32
  /** Debug build: how many of the next evictions fail, so that the policy gets its victim back. */
  refusals: u32
  /** Keeps the look-ahead's loads from being dropped. */
  sink: u32
  /** How the policy broke its contract: a Fault. */
  fault: u32
}

/** How a policy can break its contract; the host has a sentence for each (src/core/traps.ts). */
enum Fault {
  /** The footprint has no room for the HEADER. */
  FOOTPRINT = 1,
  /** evict returned a slot that does not exist. */
  SLOT = 2,
  /** The engine's tables are damaged: the policy wrote outside its footprint. */
  OVERRUN = 3,
  /** shadow returned more than 30 bits. */
  SHADOW = 4,
}

/** Bytes of memory a replay needs, from address 0, without the page ids. */
export function footprint<P extends Policy>(slots: u32, pages: u32): f64 {
  const params = changetype<Params>(ABOUT)
  params.pages = pages
  const bytes: usize = changetype<P>(POLICY).footprint(slots, params)
  expect(bytes >= HEADER, Fault.FOOTPRINT)
  return <f64>POLICY + <f64>align(bytes) + (<f64>slots + <f64>pages) * 4 + 64
}

/** Whether the policy, with these parameters, reads the page ids behind the keys: 8 bytes a page. */
export function wantsIds<P extends Policy>(): bool {
  const policy = changetype<P>(POLICY)
  if (isDefined(policy.wantsIds)) return policy.wantsIds(changetype<Params>(ABOUT))
  return false
}

/**
 * Lays the memory out, which is zero but for the parameters, and starts the policy. With
 * `withIds`, the page ids (u64 each) follow at `end`, written by the host afterwards.
 */
export function init<P extends Policy>(slots: u32, pages: u32, seed: u32, withIds: bool): void {
  const replay = changetype<Replay>(CONTROL)
  const policy = changetype<P>(POLICY)
  const params = changetype<Params>(ABOUT)
  params.pages = pages
  replay.slots = slots
  replay.pageOf = POLICY + align(policy.footprint(slots, params))
  replay.where = replay.pageOf + align((<usize>slots) << 2)
  replay.end = replay.where + align((<usize>pages) << 2)
  policy.slots = slots
  policy.seed = seed
  policy.ids = withIds ? replay.end : 0
  policy.init(params)
}

/** Replays the first `count` references of the batch. */
export function run<P extends Policy>(count: u32): void {
  const replay = changetype<Replay>(CONTROL)
  const policy = changetype<P>(POLICY)
  const where = replay.where
  const end = REFERENCES + ((<usize>count) << 2)
  for (let at = REFERENCES; at < end; at += 4) {
    if (!(at & (AHEAD - 1))) lookAhead(replay, at, min(at + AHEAD, end))
    const reference = load<u32>(at)
    const page = reference & ~WRITE
    const place = where + ((<usize>page) << 2)
    const entry = load<u32>(place)
    const dirty = (reference & WRITE) >>> 1
    if (isDefined(policy.seesFuture)) {
      if (policy.seesFuture) policy.future = load<u32>(at + (FUTURE - REFERENCES))
    }
    if (entry & RESIDENT) {
      if (dirty & ~entry) store<u32>(place, entry | dirty)
      policy.access(entry & SLOT)
      if (isDefined(policy.surplus)) shrink<P>()
      continue
    }
    replay.misses++
    if (isDefined(policy.miss)) {
      if (!policy.miss(page, entry)) continue
    }
    if (isDefined(policy.countsAsHit)) replay.misses -= <u32>policy.countsAsHit()
    const slot = replay.taken < replay.slots ? replay.taken++ : makeRoom<P>()
    if (isDefined(policy.surplus)) shrink<P>()
    store<u32>(replay.pageOf + ((<usize>slot) << 2), page)
    store<u32>(place, RESIDENT | dirty | slot)
    policy.insert(slot, page)
  }
}

/** Traps if the policy's or the engine's books do not balance. */
export function check<P extends Policy>(): void {
  const replay = changetype<Replay>(CONTROL)
  changetype<P>(POLICY).check(replay.taken - replay.freedCount)
  for (let slot: u32 = 0; slot < replay.taken; slot++) {
    const page = load<u32>(replay.pageOf + ((<usize>slot) << 2))
    if (page & FREED) continue
    const entry = load<u32>(replay.where + ((<usize>page) << 2))
    assert((entry & RESIDENT) !== 0 && (entry & SLOT) === slot, 'replay: pageOf and where disagree')
  }
}

/** Frees the slot of a page that went away: its next reference misses as if the page were new. */
export function remove<P extends Policy>(page: u32): void {
  const replay = changetype<Replay>(CONTROL)
  const place = replay.where + ((<usize>page) << 2)
  const entry = load<u32>(place)
  assert(entry & RESIDENT, 'replay: the page to remove is in no slot')
  const slot = entry & SLOT
  changetype<P>(POLICY).remove(slot)
  store<u32>(place, 0)
  free(replay, slot)
}

/** Returns a freed slot, or evicts a page and returns its slot. */
function makeRoom<P extends Policy>(): u32 {
  const replay = changetype<Replay>(CONTROL)
  const policy = changetype<P>(POLICY)
  if (replay.freed) return reuse(replay)
  if (!ASC_NO_ASSERT) refuse<P>()
  const slot: u32 = policy.evict()
  forget<P>(slot)
  return slot
}

/** Frees the slots of the pages that the policy gives up of its own accord. */
function shrink<P extends Policy>(): void {
  const policy = changetype<P>(POLICY)
  for (let slot: u32 = policy.surplus(); slot !== NO_SLOT; slot = policy.surplus()) {
    forget<P>(slot)
    free(changetype<Replay>(CONTROL), slot)
  }
}

/** Books the eviction of the page in `slot`, and keeps the policy's shadow in its place. */
function forget<P extends Policy>(slot: u32): void {
  const replay = changetype<Replay>(CONTROL)
  const policy = changetype<P>(POLICY)
  expect(slot < replay.slots, Fault.SLOT)
  const place = replay.where + ((<usize>load<u32>(replay.pageOf + ((<usize>slot) << 2))) << 2)
  const entry = load<u32>(place)
  expect((entry & RESIDENT) !== 0 && (entry & SLOT) === slot, Fault.OVERRUN)
  replay.evictions++
  replay.dirtyEvictions += (entry & DIRTY) >>> 30
  let shadow: u32 = 0
  if (isDefined(policy.shadow)) shadow = policy.shadow(slot)
  expect(shadow <= MAX_SHADOW, Fault.SHADOW)
  store<u32>(place, shadow)
}

/**
 * Traps unless the policy kept its contract; the release build takes it at its word. Not an
 * assert, since the optimiser merges those and the source map forgets which one it was.
 */
function expect(kept: bool, fault: Fault): void {
  if (ASC_NO_ASSERT || kept) return
  changetype<Replay>(CONTROL).fault = fault
  unreachable()
}

/** Puts a slot that no page is in any more to the freed ones. */
function free(replay: Replay, slot: u32): void {
  store<u32>(replay.pageOf + ((<usize>slot) << 2), FREED | replay.freed)
  replay.freed = slot + 1
  replay.freedCount++
}

/** Takes the slot freed last. */
function reuse(replay: Replay): u32 {
  const slot = replay.freed - 1
  replay.freed = load<u32>(replay.pageOf + ((<usize>slot) << 2)) & ~FREED
  replay.freedCount--
  return slot
}

/** Plays a caller that cannot evict what the policy chose, as often as it was asked to. */
function refuse<P extends Policy>(): void {
  const replay = changetype<Replay>(CONTROL)
  const policy = changetype<P>(POLICY)
  for (; replay.refusals; replay.refusals--) {
    const slot: u32 = policy.evict()
    expect(slot < replay.slots, Fault.SLOT)
    policy.putback(slot, load<u32>(replay.pageOf + ((<usize>slot) << 2)))
  }
}

/** Loads the entries of the references in [at, end), for the CPU's caches alone. */
function lookAhead(replay: Replay, at: usize, end: usize): void {
  const where = replay.where
  let sum: u32 = 0
  for (; at < end; at += 4) sum += load<u32>(where + ((<usize>(load<u32>(at) & ~WRITE)) << 2))
  replay.sink = sum
}

/** Rounds up to the alignment of every region. */
function align(bytes: usize): usize {
  return (bytes + 15) & ~15
}
