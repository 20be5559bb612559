// Control groups: who pays for users' pages, and the lists in which these are aged, Linux's mem_cgroup and lruvec.
// Group 0 is all of the machine. The lock of a group's lists has the rank Lru.
import { GROUP_SIZE, GROUPS } from '../abi/layout'
import { COUNTERS } from '../abi/vmstat'
import { Link } from '../lib/list'
import { Cpu } from '../sync/cpu'
import { Lock } from '../sync/lock'
import { Superblock } from './superblock'
import { countMany } from './vmstat'

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
/** Where in a group its counters begin. */
const COUNTERS_AT: usize = 256

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

  @inline
  static at(number: u32): Group {
    return changetype<Group>(GROUPS + <usize>number * GROUP_SIZE)
  }

  /** The group that is the whole machine. */
  @inline
  static get root(): Group {
    return Group.at(0)
  }

  @inline
  get number(): u32 {
    return <u32>(changetype<usize>(this) - GROUPS) / <u32>GROUP_SIZE
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

  /** Address of one of its counters, u64, by its number in abi/vmstat. Guard: atomic. */
  @inline
  counterAt(counter: u32): usize {
    return changetype<usize>(this) + COUNTERS_AT + <usize>counter * 8
  }

  /** What one of its counters says. */
  @inline
  counted(counter: u32): u64 {
    return atomic.load<u64>(this.counterAt(counter))
  }
}

/** Makes a group's lists empty ones. */
export function initGroup(group: Group): void {
  for (let lru: u32 = 0; lru < LRUS; lru++) group.list(lru).reset()
}

function add(group: Group, counter: u32, events: u32): void {
  const at = group.counterAt(counter)
  if (Cpu.alone) store<u64>(at, load<u64>(at) + events)
  else atomic.add<u64>(at, events)
}

/** Counts events in a group, in the root, whose counters are sums, and on this CPU. */
export function countIn(group: Group, counter: u32, events: u32): void {
  add(group, counter, events)
  if (group !== Group.root) add(Group.root, counter, events)
  countMany(counter, events)
}

/** Lets the clock of refault distances of a group, and of the root, go on. */
export function ageGroup(group: Group, pages: u32): void {
  const at = changetype<usize>(group) + offsetof<Group>('age')
  if (Cpu.alone) store<u32>(at, load<u32>(at) + pages)
  else atomic.add<u32>(at, pages)
  if (group !== Group.root) ageGroup(Group.root, pages)
}

/** How many pages of a list reclaim for a group finds: of the root, those of all groups. */
export function pagesOf(group: Group, lru: u32): u32 {
  if (group !== Group.root) return group.size(lru)
  let pages: u32 = 0
  const groups = Superblock.only.groups
  for (let number: u32 = 0; number < groups; number++) pages += Group.at(number).size(lru)
  return pages
}

if (offsetof<Group>() + <usize>LRUS * (offsetof<Link>() + 4) > COUNTERS_AT) ERROR('the lists reach into the counters')
if (COUNTERS_AT + <usize>COUNTERS * 8 > GROUP_SIZE) ERROR('struct Group is larger than its place')
