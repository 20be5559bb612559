// Control groups: who pays for users' pages, and the lists in which these are aged, Linux's mem_cgroup and lruvec.
// Group 0 is all of the machine. The lock of a group's lists has the rank Lru.
import { GROUP_COUNTERS, GROUP_NAME, GROUP_SIZE, GROUPS } from '../abi/layout'
import { NO_LIMIT, SAME_SWAPPINESS } from '../abi/limits'
import { COUNTERS } from '../abi/vmstat'
import { Link } from '../lib/list'
import { addTo, takeFrom } from '../sync/counter'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Generations } from './generations'
import { Superblock } from './superblock'
import { count, countMany } from './vmstat'

/** The lists of a group; a page is taken into one at its head, and out of it at its tail. */
export enum Lru {
  InactiveAnon,
  ActiveAnon,
  InactiveFile,
  ActiveFile,
  Unevictable,
}

/** How many lists reclaim scans: those before Unevictable. */
export const EVICTABLE_LRUS: u32 = 4
/** How many lists there are. */
export const LRUS: u32 = 5
/** The most bytes of a name. */
export const NAME_BYTES: u32 = <u32>(GROUP_COUNTERS - GROUP_NAME)

/** A group, and its lists; behind it stand their sentinels, their lengths, and its counters. Guard, where a field says no other: Lru. */
@unmanaged
@final
export class Group extends Lock {
  /** What scanning its anonymous and file pages cost of late: see noteCost. */
  anonCost: u32
  fileCost: u32
  /** Pages that were evicted or activated so far: the clock of refault distances. Guard: atomic. */
  age: u32
  /** WORKINGSET_ACTIVATE_ANON and _FILE when memory was reclaimed last. Guard: racy. */
  activatedAnon: u32
  activatedFile: u32
  /** 1 while it is one that may be used; the root always is. Guard: written while the machine is stopped, as what follows unless it says other. */
  isUsed: u32
  /** Users' pages that it pays for, of those that are counted, so not of the root; and the most that it may. Guard: atomic. */
  usage: u32
  limit: u32
  /** Its share of scanning anonymous pages, 0 to 200; SAME_SWAPPINESS for vm.swappiness. Guard: racy. */
  swappiness: u32
  /** Address spaces that are in it. Guard: atomic. */
  members: u32
  /** How often it came to its limit; how often even reclaim did not help; and how many processes were killed then. Guard: atomic. */
  maxEvents: u32
  oomEvents: u32
  oomKills: u32
  /** Bytes of its name. */
  nameBytes: u32
  /** Slots of swap that it pays for, and the most that it may; how often it came to that limit, and how often a page of it found no slot. Guard: atomic. */
  swapUsage: u32
  swapLimit: u32
  swapMaxEvents: u32
  swapFailEvents: u32
  /** Its pages by generations, under linux-6.12-mglru; null while they stand in its lists. Guard: as isUsed. */
  generations: Generations

  @inline
  static at(number: u32): Group {
    return changetype<Group>(GROUPS + <usize>number * GROUP_SIZE)
  }

  /** The group that is the whole machine. */
  @inline
  static get root(): Group {
    return Group.at(0)
  }

  /** Bytes of a group, all that stands behind it included. */
  @inline
  static get size(): u32 {
    return <u32>GROUP_COUNTERS + COUNTERS * 8
  }

  @inline
  get number(): u32 {
    return <u32>(changetype<usize>(this) - GROUPS) / <u32>GROUP_SIZE
  }

  /** Whether its pages stand in generations. */
  @inline
  get hasGenerations(): bool {
    return changetype<u32>(this.generations) !== 0
  }

  /** One of its lists. Guard: Lru. */
  @inline
  list(lru: u32): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Group>() + <usize>lru * offsetof<Link>())
  }

  /** Address of a list's length. */
  @inline
  private sizeAt(lru: u32): usize {
    return changetype<usize>(this) + offsetof<Group>() + LRUS * offsetof<Link>() + <usize>lru * 4
  }

  /** How many pages are in a list. Guard: Lru to write; read racily. */
  @inline
  size(lru: u32): u32 {
    return atomic.load<u32>(this.sizeAt(lru))
  }

  /** Notes that a list has so many pages more. Holds: Lru. */
  @inline
  growLocked(lru: u32, pages: i32): void {
    store<u32>(this.sizeAt(lru), load<u32>(this.sizeAt(lru)) + pages)
  }

  /** Address of its name. */
  @inline
  get name(): usize {
    return changetype<usize>(this) + GROUP_NAME
  }

  /** Whether it has come so near to its limit that a page is refused. */
  @inline
  get isFull(): bool {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Group>('usage')) >= this.limit
  }

  /** Address of one of its counters, u64, by its number in abi/vmstat. Guard: atomic. */
  @inline
  counterAt(counter: u32): usize {
    return changetype<usize>(this) + GROUP_COUNTERS + <usize>counter * 8
  }

  /** What one of its counters says. */
  @inline
  counted(counter: u32): u64 {
    return atomic.load<u64>(this.counterAt(counter))
  }
}

/** Raises what is paid for, at an address, by one; false if that is the most already. */
function pay(at: usize, limit: u32): bool {
  while (true) {
    const usage = atomic.load<u32>(at)
    if (usage >= limit) return false
    if (Cpu.alone) {
      store<u32>(at, usage + 1)
      return true
    }
    if (atomic.cmpxchg<u32>(at, usage, usage + 1) === usage) return true
  }
}

/** Pays for a page of a user; false if the group may have no more. */
export function charge(group: Group): bool {
  return pay(changetype<usize>(group) + offsetof<Group>('usage'), group.limit)
}

/** Takes it back. */
export function uncharge(group: Group): void {
  takeFrom<u32>(changetype<usize>(group) + offsetof<Group>('usage'), 1)
}

/** Pays for a slot of swap; false if the group may have no more. */
export function chargeSwap(group: Group): bool {
  return pay(changetype<usize>(group) + offsetof<Group>('swapUsage'), group.swapLimit)
}

/** Takes it back. */
export function unchargeSwap(group: Group): void {
  takeFrom<u32>(changetype<usize>(group) + offsetof<Group>('swapUsage'), 1)
}

/** Counts an event of a group's. */
export function noteEvent(group: Group, offset: usize): void {
  addTo<u32>(changetype<usize>(group) + offset, 1)
}

/** Makes a group's lists empty ones, and lets it have all pages. */
export function initGroup(group: Group): void {
  group.isUsed = 1
  group.limit = NO_LIMIT
  group.swapLimit = NO_LIMIT
  group.swappiness = SAME_SWAPPINESS
  for (let lru: u32 = 0; lru < LRUS; lru++) group.list(lru).reset()
}

function add(group: Group, counter: u32, events: u32): void {
  addTo<u64>(group.counterAt(counter), events)
}

/** Counts events in a group, in the root, whose counters are sums, and on this CPU. */
export function countIn(group: Group, counter: u32, events: u32): void {
  add(group, counter, events)
  if (group !== Group.root) add(Group.root, counter, events)
  countMany(counter, events)
}

/** Counts an event on this CPU, and in the group that pays for the page it is about: the root's counters have no part in it. */
export function countFor(number: u32, counter: u32): void {
  count(counter)
  if (number !== 0) add(Group.at(number), counter, 1)
}

/** Lets the clock of refault distances of a group, and of the root, go on. */
export function ageGroup(group: Group, pages: u32): void {
  addTo<u32>(changetype<usize>(group) + offsetof<Group>('age'), pages)
  if (group !== Group.root) addTo<u32>(changetype<usize>(Group.root) + offsetof<Group>('age'), pages)
}

/** How many pages of a list reclaim for a group finds: of the root, those of all groups. */
export function pagesOf(group: Group, lru: u32): u32 {
  if (group !== Group.root) return group.size(lru)
  let pages: u32 = 0
  const groups = Superblock.only.groups
  for (let number: u32 = 0; number < groups; number++) pages += Group.at(number).size(lru)
  return pages
}

if (offsetof<Group>() + <usize>LRUS * (offsetof<Link>() + 4) > GROUP_NAME) ERROR('the lists reach into the name')
if (GROUP_COUNTERS + <usize>COUNTERS * 8 > GROUP_SIZE) ERROR('struct Group is larger than its place')
