// Generations: the lists of a control group under the policy linux-6.12-mglru, in which pages stand by how many agings ago they
// were used: Linux's struct lru_gen_folio and lru_gen_mm_state (include/linux/mmzone.h). Sequence numbers count generations;
// a generation's lists and counts stand at its number modulo MAX_NR_GENS.
import { ANON_AND_FILE, MAX_NR_GENS, MAX_NR_TIERS, NR_MM_STATS } from '../abi/generation'
import { Link } from '../lib/list'

/** Bits of a Bloom filter, as a shift: BLOOM_FILTER_SHIFT. */
export const FILTER_SHIFT: u32 = 15
/** Bytes of a Bloom filter. */
export const FILTER_BYTES: u32 = (<u32>1) << (FILTER_SHIFT - 3)

/**
 * A group's generations; behind it stand, for each kind of pages, the sentinels of its MAX_NR_GENS lists and how many pages each generation has,
 * then the tables of tiers. Guard, where a field says no other: Lru of the group.
 */
@unmanaged
@final
export class Generations {
  /** The youngest generation, that of both kinds. Guard: Lru to write; read racily. */
  maxSeq: u32
  /** The oldest ones: of anonymous pages it is never younger than of files. Guard: as maxSeq. */
  minSeqAnon: u32
  minSeqFile: u32
  /** When each generation became the youngest, in seconds since 1970. */
  born0: f64
  born1: f64
  born2: f64
  born3: f64
  /** Addresses of the Bloom filters, 0 as long as there is none: that of generation seq stands at seq modulo 2. Guard: who has `aging`; bits: atomic. */
  filter0: u32
  filter1: u32
  /** 1 while a thread walks the page tables of the group's processes. Guard: atomic. */
  aging: u32
  /** What walks counted, by abi/generation, since the machine began. Guard: who has `aging`. */
  leafTotal: u32
  leafYoung: u32
  nonleafFound: u32
  nonleafAdded: u32

  /** Bytes of all that stands behind one another. */
  @inline
  static get size(): u32 {
    return TIERS_AT + 5 * TIER_TABLE
  }

  /** The oldest generation of a kind. */
  @inline
  minSeq(file: u32): u32 {
    return load<u32>(changetype<usize>(this) + <usize>file * 4, offsetof<Generations>('minSeqAnon'))
  }

  @inline
  setMinSeq(file: u32, seq: u32): void {
    store<u32>(changetype<usize>(this) + <usize>file * 4, seq, offsetof<Generations>('minSeqAnon'))
  }

  /** How many generations there are of a kind. */
  @inline
  count(file: u32): u32 {
    return this.maxSeq - this.minSeq(file) + 1
  }

  /** Notes when the generation with a sequence number became the youngest. */
  @inline
  setBorn(seq: u32, seconds: f64): void {
    store<f64>(changetype<usize>(this) + <usize>(seq % MAX_NR_GENS) * 8, seconds, offsetof<Generations>('born0'))
  }

  /** Address of the address of the filter of a generation. */
  @inline
  filterAt(seq: u32): usize {
    return changetype<usize>(this) + <usize>(seq & 1) * 4 + offsetof<Generations>('filter0')
  }

  /** Counts what a walk found. */
  @inline
  addStat(stat: u32, events: u32): void {
    const at = changetype<usize>(this) + <usize>stat * 4 + offsetof<Generations>('leafTotal')
    store<u32>(at, load<u32>(at) + events)
  }

  /** The list of a generation, by its number modulo MAX_NR_GENS; old pages stand at the tail. */
  @inline
  list(gen: u32, file: u32): Link {
    return changetype<Link>(changetype<usize>(this) + LISTS_AT + <usize>(file * MAX_NR_GENS + gen) * offsetof<Link>())
  }

  @inline
  private sizeAt(gen: u32, file: u32): usize {
    return changetype<usize>(this) + SIZES_AT + <usize>(file * MAX_NR_GENS + gen) * 4
  }

  /** How many pages are of a generation; some may still stand in the list of an older one. Guard: Lru to write; read racily. */
  @inline
  pages(gen: u32, file: u32): u32 {
    return atomic.load<u32>(this.sizeAt(gen, file))
  }

  @inline
  grow(gen: u32, file: u32, pages: i32): void {
    store<u32>(this.sizeAt(gen, file), load<u32>(this.sizeAt(gen, file)) + pages)
  }

  /** Whether a generation, modulo MAX_NR_GENS, is one of the two that count as active: the youngest are. */
  @inline
  isActive(gen: u32): bool {
    return gen === this.maxSeq % MAX_NR_GENS || gen === (this.maxSeq - 1) % MAX_NR_GENS
  }

  @inline
  private tierAt(table: Tier, file: u32, tier: u32): usize {
    return changetype<usize>(this) + TIERS_AT + <usize>table * TIER_TABLE + <usize>(file * MAX_NR_TIERS + tier) * 4
  }

  /** One of the counts of a tier. */
  @inline
  tier(table: Tier, file: u32, tier: u32): u32 {
    return atomic.load<u32>(this.tierAt(table, file, tier))
  }

  @inline
  setTier(table: Tier, file: u32, tier: u32, pages: u32): void {
    atomic.store<u32>(this.tierAt(table, file, tier), pages)
  }

  /** Counts a page in a tier. Guard: atomic. */
  @inline
  countTier(table: Tier, file: u32, tier: u32): void {
    atomic.add<u32>(this.tierAt(table, file, tier), 1)
  }
}

/** What is counted by tier: of the generation that is evicted now, pages that came back, were evicted, or were kept; and what that was on average before. */
export enum Tier {
  Refaulted,
  Evicted,
  Protected,
  AvgRefaulted,
  AvgTotal,
}

const LISTS_AT: usize = offsetof<Generations>()
const SIZES_AT: usize = LISTS_AT + <usize>(ANON_AND_FILE * MAX_NR_GENS) * offsetof<Link>()
const TIERS_AT: usize = SIZES_AT + <usize>(ANON_AND_FILE * MAX_NR_GENS) * 4
const TIER_TABLE: usize = <usize>(ANON_AND_FILE * MAX_NR_TIERS) * 4

if (offsetof<Generations>('nonleafAdded') !== offsetof<Generations>('leafTotal') + <usize>(NR_MM_STATS - 1) * 4)
  ERROR('what walks count stands not together')
