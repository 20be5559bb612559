// The frames: one struct each, in one array, found from a frame number or an address by
// arithmetic. Who owns a frame owns its struct; `refs` and `maps` alone are shared, and atomic.
import { FRAME_SIZE, FRAME_TABLE, PAGE_SHIFT } from '../abi/layout'
import { PANIC_UNDERFLOW } from '../abi/panic'
import { bug } from '../lib/bug'
import { Link } from '../lib/list'
import { Cpu } from '../sync/cpu'

/** An entry and a reference, as a frame counts them. */
const ONE_OF_EACH: u64 = 0x100000001

/** What a frame is: it is exactly one of these. */
export enum State {
  /** In a block whose head is another frame: the state of untouched structs, so that a large machine need not write them. */
  Tail = 0,
  /** Head of a free block in the buddy lists; `owner` is its order. */
  Free = 1,
  /** On a CPU's stack. */
  Cached = 2,
  /** Holds the machine's own fixed regions. */
  Reserved = 3,
  /** Taken from the allocator and not typed further; `owner` is its order. */
  Raw = 4,
  /** A slab; `owner` is its cache. */
  Slab = 5,
  /** A page table; `index` counts its entries, `owner`, of a root, the tables below it. */
  Table = 6,
  /** A private page; `owner` is its Family, `index` its page number there; `refs` counts the page tables that hold it. */
  Anonymous = 7,
  /** A page of an object; `owner` is its Mapping, `index` its place; `refs` counts the object too. */
  Object = 8,
  /** The page of zeros that untouched private memory reads. */
  Zero = 9,
}

/** Flags of users' frames, Anonymous and Object: Linux's page flags. It stands in one of the LRU lists. */
export const PG_ON_LRU: u32 = 1
/** Its list is an active one. */
export const PG_ACTIVE: u32 = 2
/** It was used since reclaim looked last. */
export const PG_REFERENCED: u32 = 4
/** It was active when it was evicted or deactivated last. */
export const PG_WORKINGSET: u32 = 8
/** It waits in a CPU's batch, which holds a reference, to be added to a list. */
export const PG_BATCHED: u32 = 16
/** It may not be evicted, and stands in no list that reclaim scans. */
export const PG_UNEVICTABLE: u32 = 32
/** It differs from its swap slot or file, or was written by way of an entry that is gone. */
export const PG_DIRTY: u32 = 64
/** It has a slot in a swap area, see `swap`. */
export const PG_SWAPCACHE: u32 = 128
/** It was read ahead from swap, and not used since. */
export const PG_READAHEAD: u32 = 256
/** Of a file's on a disk: it is to be evicted as soon as it is written. One bit for both, as in Linux, as neither kind of page is ever the other. */
export const PG_RECLAIM: u32 = PG_READAHEAD
/** It goes to swap, not to a file on a disk. */
export const PG_SWAPBACKED: u32 = 1024
/** Who reclaims took it from its list. */
export const PG_VICTIM: u32 = 2048
/** Locked mappings show it: see phys/pinned. */
export const PG_MLOCKED: u32 = 4096
/** Of which generation it is, and how often it was used, two bits each: see phys/lruGen. */
export const PG_GENERATION: u32 = 8192 | 16384
export const PG_REFS: u32 = 512 | 32768

/** Where in `index` the swap entry begins. */
const SWAP_SHIFT: u64 = 36
const PLACE: u64 = ((<u64>1) << SWAP_SHIFT) - 1

/**
 * A frame: 32 bytes.
 *
 *   ┌ 0 ─────┬ 4 ─────┬ 8 ──┬ 9 ──┬ 10 ───┬ 12 ────┬ 16 ────┬ 20 ────┬ 24 ─────────────┐
 *   │ prev   │ next   │state│group│ flags │ owner  │ refs   │ maps   │ index: u64      │
 *   └────────┴────────┴─────┴─────┴───────┴────────┴────────┴────────┴─────────────────┘
 */
@unmanaged
@final
export class Frame extends Link {
  /** What it is, see `state`. Guard: whoever owns the frame. */
  kind: u8
  /** Number of the control group that pays for it. Guard: whoever owns the frame. */
  group: u8
  /** PG_ON_LRU and the like, of users' frames. Guard: atomic. */
  flags: u16
  /** What the frame belongs to, by state. Guard: whoever owns the frame. */
  owner: u32
  /** How many hold the frame; who takes the last reference away frees it. Guard: atomic. */
  refs: u32
  /** How many page-table entries map the frame; of a slab, its first free object. Guard: atomic. */
  maps: u32
  /** Where in its owner the frame is, and its swap entry above that; of a slab or table, how much of it is in use. */
  index: u64

  @inline
  static at(pfn: u32): Frame {
    return changetype<Frame>(FRAME_TABLE + pfn * FRAME_SIZE)
  }

  /** The frame that holds this address of linear memory. */
  @inline
  static of(address: usize): Frame {
    return Frame.at(<u32>address >> PAGE_SHIFT)
  }

  @inline
  get pfn(): u32 {
    return <u32>(changetype<usize>(this) - FRAME_TABLE) / FRAME_SIZE
  }

  /** Address of the bytes of a frame that has some: see phys/contents. */
  @inline
  get page(): usize {
    return (<usize>this.pfn) << PAGE_SHIFT
  }

  /** How many locked mappings show it, while it is unevictable and so in no list. Guard: Lru. */
  @inline
  get locks(): u32 {
    return changetype<u32>(this.prev)
  }

  @inline
  set locks(locks: u32) {
    this.prev = changetype<Link>(locks)
  }

  @inline
  get state(): State {
    return <State>this.kind
  }

  @inline
  set state(state: State) {
    this.kind = <u8>state
  }

  /** State, flags and owner as they stand in a frame. */
  @inline
  private static stamped(state: State, owner: u32, flags: u32): u64 {
    return ((<u64>owner) << 32) | <u64>((flags << 16) | <u32>state)
  }

  /** Sets state, flags and owner, which stand side by side; it is in no group then. */
  @inline
  stamp(state: State, owner: u32, flags: u32 = 0): void {
    store<u64>(changetype<usize>(this), Frame.stamped(state, owner, flags), offsetof<Frame>('kind'))
  }

  /** Sets state, flags and owner of a user's page that is in no list, whose group pays on; no locked mapping shows it. */
  @inline
  stampUser(state: State, owner: u32, flags: u32): void {
    this.locks = 0
    const group = (<u64>this.group) << 8
    store<u64>(changetype<usize>(this), Frame.stamped(state, owner, flags) | group, offsetof<Frame>('kind'))
  }

  /** Makes it a user's page that one entry maps, and `refs` refer to, of a group that paid for it. */
  @inline
  becomeUsers(state: State, owner: u32, flags: u32, group: u32, refs: u32, index: u64): void {
    store<u64>(changetype<usize>(this), Frame.stamped(state, owner, flags) | ((<u64>group) << 8), offsetof<Frame>('kind'))
    this.counts = ((<u64>1) << 32) | <u64>refs
    this.index = index
  }

  /** Whether these are its state and owner, and it has neither flags nor a group. */
  @inline
  isStamped(state: State, owner: u32): bool {
    return load<u64>(changetype<usize>(this), offsetof<Frame>('kind')) === Frame.stamped(state, owner, 0)
  }

  /** Whether any of these flags is set. */
  @inline
  has(flags: u32): bool {
    return (<u32>atomic.load<u16>(changetype<usize>(this), offsetof<Frame>('flags')) & flags) !== 0
  }

  /** All of its flags. */
  @inline
  get flagsNow(): u32 {
    return <u32>atomic.load<u16>(changetype<usize>(this), offsetof<Frame>('flags'))
  }

  /** Sets flags; says which of them were set before. */
  @inline
  setFlags(flags: u32): u32 {
    const old = this.flags
    if (!Cpu.alone) return <u32>atomic.or<u16>(changetype<usize>(this), <u16>flags, offsetof<Frame>('flags')) & flags
    this.flags = old | <u16>flags
    return <u32>old & flags
  }

  /** Clears flags; says which of them were set before. */
  @inline
  clearFlags(flags: u32): u32 {
    const old = this.flags
    if (!Cpu.alone) return <u32>atomic.and<u16>(changetype<usize>(this), <u16>~flags, offsetof<Frame>('flags')) & flags
    this.flags = old & <u16>~flags
    return <u32>old & flags
  }

  /** Where in its owner it is, without what stands above that. */
  @inline
  get place(): u64 {
    return this.index & PLACE
  }

  /** Its swap entry, while PG_SWAPCACHE is set: area and slot, 28 bits. Guard: Swap. */
  @inline
  get swap(): u32 {
    return <u32>(this.index >> SWAP_SHIFT)
  }

  @inline
  set swap(entry: u32) {
    this.index = this.place | ((<u64>entry) << SWAP_SHIFT)
  }

  /** The frame so many behind this one. */
  @inline
  offset(frames: u32): Frame {
    return changetype<Frame>(changetype<usize>(this) + <usize>frames * FRAME_SIZE)
  }

  /** Whether it is a user's page: private, or an object's. */
  @inline
  get isUsers(): bool {
    const state = this.state
    return state === State.Anonymous || state === State.Object
  }

  /** Whether nobody owns the frame, so that it cannot be freed. */
  @inline
  get isFree(): bool {
    return this.state <= State.Reserved
  }

  @inline
  get refCount(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Frame>('refs'))
  }

  @inline
  get mapCount(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Frame>('maps'))
  }

  @inline
  addRef(): void {
    if (Cpu.alone) this.refs++
    else atomic.add<u32>(changetype<usize>(this), 1, offsetof<Frame>('refs'))
  }

  /** Takes a reference, unless the last was given back. */
  tryRef(): bool {
    while (true) {
      const old = this.refCount
      if (old === 0) return false
      if (Cpu.alone) {
        this.refs = old + 1
        return true
      }
      if (atomic.cmpxchg<u32>(changetype<usize>(this), old, old + 1, offsetof<Frame>('refs')) === old) return true
    }
  }

  /** Gives a reference back; says whether it was the last. */
  @inline
  dropRef(): bool {
    let old = this.refs
    if (Cpu.alone) this.refs = old - 1
    else old = atomic.sub<u32>(changetype<usize>(this), 1, offsetof<Frame>('refs'))
    if (old === 0) bug(PANIC_UNDERFLOW, this.pfn, this.state)
    return old === 1
  }

  /** Counts an entry that maps the frame by a reference that somebody has already. */
  @inline
  addMap(): void {
    if (Cpu.alone) this.maps++
    else atomic.add<u32>(changetype<usize>(this), 1, offsetof<Frame>('maps'))
  }

  /** Takes an entry from the counts, whose reference the caller has from then on. */
  @inline
  dropMap(): void {
    let old = this.maps
    if (Cpu.alone) this.maps = old - 1
    else old = atomic.sub<u32>(changetype<usize>(this), 1, offsetof<Frame>('maps'))
    if (old === 0) bug(PANIC_UNDERFLOW, this.pfn, this.state)
  }

  /** Counts an entry and its reference. */
  @inline
  addMapping(): void {
    if (Cpu.alone) this.counts += ONE_OF_EACH
    else atomic.add<u64>(changetype<usize>(this), ONE_OF_EACH, offsetof<Frame>('refs'))
  }

  /** Takes an entry and its reference from the counts; says whether it was the last reference. */
  @inline
  dropMapping(): bool {
    let old = this.counts
    if (Cpu.alone) this.counts = old - ONE_OF_EACH
    else old = atomic.sub<u64>(changetype<usize>(this), ONE_OF_EACH, offsetof<Frame>('refs'))
    if (<u32>old === 0 || old >> 32 === 0) bug(PANIC_UNDERFLOW, this.pfn, this.state)
    return <u32>old === 1
  }

  /** References, and above them entries. */
  @inline
  private get counts(): u64 {
    return load<u64>(changetype<usize>(this), offsetof<Frame>('refs'))
  }

  @inline
  private set counts(counts: u64) {
    store<u64>(changetype<usize>(this), counts, offsetof<Frame>('refs'))
  }
}

if (offsetof<Frame>() !== FRAME_SIZE) ERROR('struct Frame is not FRAME_SIZE bytes')
if (offsetof<Frame>('refs') % 8 !== 0 || offsetof<Frame>('maps') !== offsetof<Frame>('refs') + 4) ERROR('refs and maps are no pair')
if (offsetof<Frame>('owner') !== offsetof<Frame>('kind') + 4) ERROR('state and owner are no pair')
if (offsetof<Frame>('flags') !== offsetof<Frame>('kind') + 2) ERROR('flags stand not behind state and group')
if (offsetof<Frame>('group') !== offsetof<Frame>('kind') + 1) ERROR('the group stands not behind the state')
