// A set of slots that starts full and is only taken from, with the number of members below any
// slot. The members are bits. Every level above the bits holds, for each of its nodes, how many
// members stand before it within its parent:
//
//   words    u64 of 64 slots: the members themselves
//   near     u16 a word:  within its group of 8 words      (512 slots)
//   middle   u16 a group: within its block of 32 groups    (16,384 slots)
//   far      u32 a node:  within its parent of 16 nodes; the lowest level's nodes are the blocks
//
// So a rank is one load a level and one popcount, and taking a slot out subtracts from one vector
// (near) or four (middle, and each far level), with no branch that depends on the slot. The counts
// are stored as the vectors that the next take loads, so that the CPU can forward them; to sum up
// counts that were just stored singly would stall. Either takes O(log slots), to the base of 16.

const NEAR_SHIFT: u32 = 6
const MIDDLE_SHIFT: u32 = 9
const FAR_SHIFT: u32 = 14
const FAR_BITS: u32 = 4
const NEAR_MASK: usize = 7
const MIDDLE_MASK: usize = 31
const FAR_MASK: usize = (1 << FAR_BITS) - 1

/** The set's fields. The caller places its memory: `footprint(slots)` bytes, 16-byte aligned. */
@unmanaged
@final
export class Ranks {
  slots: u32
  /** Number of far levels: as many as it takes until the top one has a single parent. */
  levels: u32
  words: usize
  near: usize
  middle: usize
  /** Address of the lowest far level; each level stands behind the one below. */
  far: usize
  /** Address behind the last byte. */
  end: usize

  /** Bytes for so many slots, at least one. */
  static footprint(slots: u32): f64 {
    let bytes = <f64>wordBytes(slots) + <f64>nearBytes(slots) + <f64>middleBytes(slots)
    for (let level: u32 = 0; level < levelsOf(slots); level++) bytes += <f64>farBytes(slots, FAR_SHIFT + level * FAR_BITS)
    return bytes
  }

  /** Places the set at `at` and fills it. */
  init(slots: u32, at: usize): void {
    this.slots = slots
    this.levels = levelsOf(slots)
    this.words = at
    this.near = this.words + wordBytes(slots)
    this.middle = this.near + nearBytes(slots)
    this.far = this.middle + middleBytes(slots)
    this.fill()
  }

  /** Puts every slot in. */
  fill(): void {
    memory.fill(this.words, 0xff, this.near - this.words)
    for (let at = this.near; at < this.middle; at += 16) v128.store(at, i16x8(0, 64, 128, 192, 256, 320, 384, 448))
    for (let at = this.middle; at < this.far; at += 2) store<u16>(at, <u16>((((at - this.middle) >> 1) & MIDDLE_MASK) << MIDDLE_SHIFT))
    let base = this.far
    for (let level: u32 = 0; level < this.levels; level++) {
      const shift = FAR_SHIFT + level * FAR_BITS
      const end = base + farBytes(this.slots, shift)
      for (let at = base; at < end; at += 4) store<u32>(at, <u32>((((at - base) >> 2) & FAR_MASK) << (<usize>shift)))
      base = end
    }
    this.end = base
  }

  /** Whether the slot is a member. */
  @inline
  has(slot: u32): bool {
    return ((load<u64>(this.words + ((slot >> NEAR_SHIFT) << 3)) >> <u64>slot) & 1) !== 0
  }

  /** How many members are below the slot. */
  @inline
  rank(slot: u32): u32 {
    const word = load<u64>(this.words + ((slot >> NEAR_SHIFT) << 3))
    let rank = <u32>popcnt<u64>(word & (((<u64>1) << (<u64>slot)) - 1))
    rank += <u32>load<u16>(this.near + ((slot >> NEAR_SHIFT) << 1))
    rank += <u32>load<u16>(this.middle + ((slot >> MIDDLE_SHIFT) << 1))
    let base = this.far
    let shift = FAR_SHIFT
    for (let level = this.levels; level > 0; level--) {
      rank += load<u32>(base + ((slot >> shift) << 2))
      base += farBytes(this.slots, shift)
      shift += FAR_BITS
    }
    return rank
  }

  /** Takes a member out and returns how many members are below it. */
  @inline
  take(slot: u32): u32 {
    const place = this.words + ((slot >> NEAR_SHIFT) << 3)
    const word = load<u64>(place)
    const bit = (<u64>1) << (<u64>slot)
    assert((word & bit) !== 0, 'ranks: the slot is no member')
    store<u64>(place, word ^ bit)
    return <u32>popcnt<u64>(word & (bit - 1)) + this.takeNear(slot) + this.takeMiddle(slot) + this.takeFar(slot)
  }

  @inline
  private takeNear(slot: u32): u32 {
    const node: usize = slot >> NEAR_SHIFT
    const family = this.near + ((node & ~NEAR_MASK) << 1)
    const before = <u32>load<u16>(this.near + (node << 1))
    const own = i16x8.splat(<i16>(node & NEAR_MASK))
    v128.store(family, i16x8.add(v128.load(family), i16x8.gt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), own)))
    return before
  }

  @inline
  private takeMiddle(slot: u32): u32 {
    const node: usize = slot >> MIDDLE_SHIFT
    const family = this.middle + ((node & ~MIDDLE_MASK) << 1)
    const before = <u32>load<u16>(this.middle + (node << 1))
    const own = i16x8.splat(<i16>(node & MIDDLE_MASK))
    v128.store(family, i16x8.add(v128.load(family), i16x8.gt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), own)))
    v128.store(family, i16x8.add(v128.load(family, 16), i16x8.gt_s(i16x8(8, 9, 10, 11, 12, 13, 14, 15), own)), 16)
    v128.store(family, i16x8.add(v128.load(family, 32), i16x8.gt_s(i16x8(16, 17, 18, 19, 20, 21, 22, 23), own)), 32)
    v128.store(family, i16x8.add(v128.load(family, 48), i16x8.gt_s(i16x8(24, 25, 26, 27, 28, 29, 30, 31), own)), 48)
    return before
  }

  @inline
  private takeFar(slot: u32): u32 {
    let before: u32 = 0
    let base = this.far
    let shift = FAR_SHIFT
    for (let level = this.levels; level > 0; level--) {
      const node: usize = slot >> shift
      const family = base + ((node & ~FAR_MASK) << 2)
      before += load<u32>(base + (node << 2))
      const own = i32x4.splat(<i32>(node & FAR_MASK))
      v128.store(family, i32x4.add(v128.load(family), i32x4.gt_s(i32x4(0, 1, 2, 3), own)))
      v128.store(family, i32x4.add(v128.load(family, 16), i32x4.gt_s(i32x4(4, 5, 6, 7), own)), 16)
      v128.store(family, i32x4.add(v128.load(family, 32), i32x4.gt_s(i32x4(8, 9, 10, 11), own)), 32)
      v128.store(family, i32x4.add(v128.load(family, 48), i32x4.gt_s(i32x4(12, 13, 14, 15), own)), 48)
      base += farBytes(this.slots, shift)
      shift += FAR_BITS
    }
    return before
  }

  /** Traps if the rank of a slot is not the number of members below it. */
  check(): void {
    let members: u32 = 0
    for (let slot: u32 = 0; slot < this.slots; slot++) {
      assert(this.rank(slot) === members, 'ranks: a count is wrong')
      members += <u32>this.has(slot)
    }
  }
}

// Every level has room for whole families of nodes, so that a take never touches another level.

function wordBytes(slots: u32): usize {
  return (((<usize>slots - 1) >> MIDDLE_SHIFT) + 1) << (MIDDLE_SHIFT - 3)
}

function nearBytes(slots: u32): usize {
  return wordBytes(slots) >> 2
}

function middleBytes(slots: u32): usize {
  return (((<usize>slots - 1) >> FAR_SHIFT) + 1) << (FAR_SHIFT - MIDDLE_SHIFT + 1)
}

/** Bytes of the far level whose nodes have 2^shift slots. */
function farBytes(slots: u32, shift: u32): usize {
  return (<usize>((((slots - 1) >> shift) | <u32>FAR_MASK) + 1)) << 2
}

function levelsOf(slots: u32): u32 {
  let levels: u32 = 1
  while (<u64>(slots - 1) >> <u64>(FAR_SHIFT + levels * FAR_BITS)) levels++
  return levels
}
