// How pages come into the lists: new ones wait in a batch, a CPU's own, until that is full or reclaim
// begins: Linux's mm/swap.c. It holds a reference to each of its pages. A machine that never reclaims keeps no lists:
// Superblock.aging is 0. Takes: Lru, Zone.
import { CPU_LRU, CPU_RESERVES } from '../abi/layout'
import { BATCHES } from '../abi/mechanism'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { Frame, PG_BATCHED, PG_ON_LRU, PG_UNEVICTABLE } from './frame'
import { Group, Lru } from './group'
import { linkLocked } from './lruList'
import { putFrame } from './pcp'
import { arrive } from './residents'
import { startResidents } from './residentsStart'
import { Superblock } from './superblock'

/** Pages of a full batch: Linux's PAGEVEC_SIZE. */
const BATCH: u32 = 31

/** A CPU's batch; behind it stand the addresses of its frames. Guard: the CPU's thread, or the machine is stopped. */
@unmanaged
@final
class Batch {
  count: u32

  @inline
  static of(cpu: Cpu): Batch {
    return changetype<Batch>(changetype<usize>(cpu) + CPU_LRU)
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

/** Has a new page, whose state and flags are set, come into its list. Does nothing in a machine that keeps no lists. */
export function addToLru(frame: Frame): void {
  if (Superblock.only.aging !== 0) batchNew(frame)
}

function batchNew(frame: Frame): void {
  if (Superblock.only.policy !== 0) {
    arrive(frame, 0)
    return
  }
  const batch = Batch.of(Cpu.current)
  frame.setFlags(PG_BATCHED)
  if (batch.push(frame)) drain(batch)
}

/** Puts the pages of a batch into their lists, in the order of their coming, and empties it. Takes: Lru. */
function drain(batch: Batch): void {
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
  for (let place: u32 = 0; place < count; place++) putFrame(batch.frame(place))
  batch.count = 0
}

/** Empties the batch of a CPU: its own thread, or the machine is stopped, or nobody has it. Takes: Lru. */
export function drainBatch(cpu: Cpu): void {
  const batch = Batch.of(cpu)
  if (batch.count !== 0) drain(batch)
}

/** Empties this CPU's batch: Linux's lru_add_drain. Takes: Lru. */
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

if (CPU_LRU + offsetof<Batch>() + BATCH * 4 > CPU_RESERVES) ERROR('the batch is larger than its place')
