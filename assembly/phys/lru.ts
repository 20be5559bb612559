// How pages come into the lists: new and activated ones wait in batches, a CPU's own, until these are full or reclaim
// begins: Linux's mm/swap.c. A batch holds a reference to each of its pages. A machine that never reclaims keeps no lists:
// Superblock.aging is 0. Takes: Lru, Zone.
import { CPU_LRU, CPU_RESERVES } from '../abi/layout'
import { ACTIVE_LIST, BATCHES, IN_FAULT } from '../abi/mechanism'
import { PGACTIVATE } from '../abi/vmstat'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { Frame, PG_ACTIVE, PG_BATCHED, PG_ON_LRU, PG_REFERENCED, PG_UNEVICTABLE } from './frame'
import { ageGroup, countIn, Group, Lru } from './group'
import { countUse } from './lruGen'
import { linkLastLocked, linkLocked, unlinkLocked } from './lruList'
import { freeFrame } from './pcp'
import { arrive, use } from './residents'
import { startResidents } from './residentsStart'
import { Superblock } from './superblock'

/** For whom a page comes, if not for a fault: the bits, in a VMA's flags, of one that is read in order or at random. */
export const NO_FAULT: u32 = 0x18000

/** Pages of a full batch: Linux's PAGEVEC_SIZE. */
const BATCH: u32 = 31

/** Which batch of a CPU. */
enum Use {
  Add,
  Activate,
}

/** A batch; behind it stand the addresses of its frames. Guard: the CPU's thread, or the machine is stopped. */
@unmanaged
@final
class Batch {
  count: u32

  @inline
  static of(cpu: Cpu, use: Use): Batch {
    return changetype<Batch>(changetype<usize>(cpu) + CPU_LRU + <usize>use * (offsetof<Batch>() + BATCH * 4))
  }

  /** Address of a place. */
  @inline
  at(place: u32): usize {
    return changetype<usize>(this) + offsetof<Batch>() + <usize>place * 4
  }

  @inline
  frame(place: u32): Frame {
    return changetype<Frame>(load<u32>(this.at(place)))
  }

  /** Takes a frame in, with a reference; says whether the batch is full. */
  push(frame: Frame): bool {
    frame.addRef()
    store<u32>(this.at(this.count), changetype<u32>(frame))
    this.count++
    return this.count === BATCH || (Superblock.only.without & BATCHES) !== 0
  }
}

/**
 * Has a new page, whose state and flags are set, come into its list; `advice` are the flags of the VMA for whose fault it came, or NO_FAULT.
 * Does nothing in a machine that keeps no lists.
 */
export function addToLru(frame: Frame, advice: u32): void {
  if (Superblock.only.aging !== 0) batchNew(frame, advice)
}

/** Whether a page that comes is as good as used: by a fault, where accesses are in no order. Linux's lru_gen_in_fault. */
export function isInFault(advice: u32): bool {
  return (advice & NO_FAULT) === 0 && (Superblock.only.without & IN_FAULT) === 0
}

function batchNew(frame: Frame, advice: u32): void {
  if (Superblock.only.policy !== 0) {
    arrive(frame, 0)
    return
  }
  if (Group.root.hasGenerations && isInFault(advice)) frame.setFlags(PG_ACTIVE)
  const batch = Batch.of(Cpu.current, Use.Add)
  frame.setFlags(PG_BATCHED)
  if (batch.push(frame)) drainAdded(batch)
}

/** Puts the pages of a batch into their lists, in the order of their coming, and empties it. Takes: Lru. */
function drainAdded(batch: Batch): void {
  const count = batch.count
  for (let place: u32 = 0; place < count; place++) {
    const frame = batch.frame(place)
    const group = Group.at(frame.group)
    group.lock(Rank.Lru)
    frame.clearFlags(PG_BATCHED)
    if (frame.refCount > 1) {
      linkLocked(group, frame)
      frame.setFlags(PG_ON_LRU)
    }
    group.unlock(Rank.Lru)
  }
  dropAll(batch)
}

/** Moves the pages of a batch to the active lists, if they are in a list still, and empties it. Takes: Lru. */
function drainActivated(batch: Batch): void {
  for (let place: u32 = 0; place < batch.count; place++) {
    const frame = batch.frame(place)
    const group = Group.at(frame.group)
    group.lock(Rank.Lru)
    if (frame.has(PG_ON_LRU) && !frame.has(PG_ACTIVE | PG_UNEVICTABLE)) {
      unlinkLocked(group, frame)
      frame.setFlags(PG_ACTIVE)
      linkLocked(group, frame)
      countIn(group, PGACTIVATE, 1)
    }
    group.unlock(Rank.Lru)
  }
  dropAll(batch)
}

/** Gives the references of a batch back, and empties it. */
function dropAll(batch: Batch): void {
  const count = batch.count
  for (let place: u32 = 0; place < count; place++) {
    const frame = batch.frame(place)
    if (frame.dropRef()) freeFrame(frame)
  }
  batch.count = 0
}

/** Empties the batches of a CPU: its own thread, or the machine is stopped, or nobody has it. Takes: Lru. */
export function drainBatch(cpu: Cpu): void {
  const added = Batch.of(cpu, Use.Add)
  if (added.count !== 0) drainAdded(added)
  const activated = Batch.of(cpu, Use.Activate)
  if (activated.count !== 0) drainActivated(activated)
}

/** Empties this CPU's batches: Linux's lru_add_drain. Takes: Lru. */
export function drainLru(): void {
  drainBatch(Cpu.current)
}

/** Whether a CPU's batch, and one mapping, hold a page and nobody else: so it is drained, lest it seems shared. */
export function isOwn(frame: Frame): bool {
  const refs = frame.refCount
  if (refs === 1) return true
  if (refs !== 2 || !frame.has(PG_BATCHED)) return false
  drainLru()
  return frame.refCount === 1
}

/** Notes that an object's page was used by a call: Linux's folio_mark_accessed. Does nothing in a machine that keeps no lists. Takes: Lru. */
export function markAccessed(frame: Frame): void {
  if (Superblock.only.aging === 0) return
  if (Superblock.only.policy !== 0) use(frame)
  else noteAccess(frame)
}

/** Notes that a page was used by way of an entry that is taken away, unless a policy is told of that anyhow. Takes: Lru. */
export function markZapped(frame: Frame): void {
  if (Superblock.only.aging !== 0 && Superblock.only.policy === 0) noteAccess(frame)
}

function noteAccess(frame: Frame): void {
  if (Group.root.hasGenerations) {
    countUse(frame)
    return
  }
  if (frame.setFlags(PG_REFERENCED) === 0) return
  if (frame.has(PG_UNEVICTABLE | PG_ACTIVE) || (Superblock.only.without & ACTIVE_LIST) !== 0) return
  if (frame.has(PG_ON_LRU)) activate(frame)
  else if (isBatched(frame)) frame.setFlags(PG_ACTIVE)
  frame.clearFlags(PG_REFERENCED)
  ageGroup(Group.at(frame.group), 1)
}

/** Has a page come into its active list, unless it waits for that. */
function activate(frame: Frame): void {
  const batch = Batch.of(Cpu.current, Use.Activate)
  if (!isIn(batch, frame) && batch.push(frame)) drainActivated(batch)
}

/** Whether a page waits in this CPU's batch of new ones. */
function isBatched(frame: Frame): bool {
  return isIn(Batch.of(Cpu.current, Use.Add), frame)
}

function isIn(batch: Batch, frame: Frame): bool {
  for (let place: u32 = 0; place < batch.count; place++) if (batch.frame(place) === frame) return true
  return false
}

/** Has a page that was to be evicted, and is written now, be the next: at the tail of its inactive list, if it is in one. Linux's folio_rotate_reclaimable. Takes: Lru. */
export function rotateReclaimable(frame: Frame): void {
  if (Superblock.only.aging === 0 || Superblock.only.policy !== 0) return
  const group = Group.at(frame.group)
  group.lock(Rank.Lru)
  if (frame.has(PG_ON_LRU) && !frame.has(PG_UNEVICTABLE)) {
    unlinkLocked(group, frame)
    frame.clearFlags(PG_ACTIVE)
    linkLastLocked(group, frame)
  }
  group.unlock(Rank.Lru)
}

/** Begins to keep lists: puts every user's page there is, in the order of their numbers, into the inactive ones. Nothing else runs. Takes: Lru. */
export function startAging(): void {
  const superblock = Superblock.only
  if (superblock.aging !== 0) return
  superblock.aging = 1
  if (superblock.policy !== 0) {
    startResidents()
    return
  }
  for (let pfn: u32 = 0; pfn < superblock.frames; pfn++) {
    const frame = Frame.at(pfn)
    if (!frame.isUsers) continue
    // what is locked already stays, and stays counted
    if (frame.has(PG_UNEVICTABLE)) Group.at(frame.group).growLocked(Lru.Unevictable, 1)
    else linkLocked(Group.at(frame.group), frame)
    frame.setFlags(PG_ON_LRU)
  }
}

if (CPU_LRU + 2 * (offsetof<Batch>() + BATCH * 4) > CPU_RESERVES) ERROR('the batches are larger than their place')
