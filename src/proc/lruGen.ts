// The generations of the policy linux-6.12-mglru, as /sys/kernel/debug/lru_gen and lru_gen_full show them: lru_gen_seq_show of
// Linux 6.12's mm/vmscan.c.
import { ANON_AND_FILE, MAX_NR_GENS, MAX_NR_TIERS, NR_MM_STATS } from '../abi/generation.gen.js'
import { GROUP_SIZE, GROUPS, SUPERBLOCK } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { GenerationsLayout, GroupLayout, SuperblockLayout } from '../core/layout.gen.js'
import { groupName } from '../sys/cgroup.js'
import { right } from './text.js'

/** The tables behind struct Generations, as assembly/phys/generations has them. */
const SIZES_AT = GenerationsLayout.SIZE + ANON_AND_FILE * MAX_NR_GENS * 8
const TIERS_AT = SIZES_AT + ANON_AND_FILE * MAX_NR_GENS * 4
const REFAULTED = 0
const EVICTED = 1
const PROTECTED = 2
const AVG_REFAULTED = 3
const AVG_TOTAL = 4

/** Columns of both kinds of pages, of one number each. */
const KINDS = [0, 1] as const

/** What stands behind a number that means nothing. */
const NOTHING = 'x'

/** One group's generations, where they stand in memory. */
class View {
  readonly #view: DataView
  readonly #at: number

  constructor(view: DataView, at: number) {
    this.#view = view
    this.#at = at
  }

  word(offset: number): number {
    return this.#view.getUint32(this.#at + offset, true)
  }

  minSeq(file: number): number {
    return this.word(GenerationsLayout.minSeqAnon + file * 4)
  }

  /** Milliseconds since a generation was made. */
  age(seq: number): number {
    const born = this.#view.getFloat64(this.#at + GenerationsLayout.born0 + (seq % MAX_NR_GENS) * 8, true)
    return Math.max(0, Math.round(Date.now() - born * 1000))
  }

  pages(seq: number, file: number): number {
    return this.word(SIZES_AT + (file * MAX_NR_GENS + (seq % MAX_NR_GENS)) * 4)
  }

  tier(table: number, file: number, tier: number): number {
    return this.word(TIERS_AT + ((table * ANON_AND_FILE + file) * MAX_NR_TIERS + tier) * 4)
  }
}

/** Numbers of the width of a column, each with its mark. */
function columns(numbers: readonly number[], marks: string): string {
  return numbers.map((number, i) => ` ${right(number, 10)}${marks[i]}`).join('')
}

/** What a tier counted of a kind of pages: averages in the youngest generation, what is going on in the oldest. */
function tierColumns(view: View, seq: number, file: number, tier: number): string {
  const of = (table: number): number => view.tier(table, file, tier)
  if (seq === view.word(GenerationsLayout.maxSeq)) return columns([of(AVG_REFAULTED), of(AVG_TOTAL), 0], `RT${NOTHING}`)
  if (seq === view.minSeq(file)) return columns([of(REFAULTED), of(EVICTED), of(PROTECTED)], 'rep')
  return columns([0, 0, 0], NOTHING.repeat(3))
}

/** What lru_gen_full says beside of a generation: its tiers, and what walks counted. */
function details(view: View, seq: number): string {
  const tiers = Array.from({ length: MAX_NR_TIERS }, (_, tier) => {
    return `            ${right(tier, 10)}${KINDS.map(file => tierColumns(view, seq, file, tier)).join('')}\n`
  })
  const stats = Array.from({ length: NR_MM_STATS }, (_, i) => view.word(GenerationsLayout.leafTotal + i * 4))
  const youngest = seq === view.word(GenerationsLayout.maxSeq)
  const walks = youngest ? columns(stats, 'TYFA') : columns(Array(NR_MM_STATS).fill(0), NOTHING.repeat(NR_MM_STATS))
  return `${tiers.join('')}                      ${walks}\n`
}

function renderGroup(kernel: Kernel, group: number, at: number, full: boolean): string {
  const view = new View(kernel.view, at)
  const youngest = view.word(GenerationsLayout.maxSeq)
  const oldest = full ? Math.max(0, youngest - MAX_NR_GENS + 1) : view.minSeq(0)
  const lines = Array.from({ length: youngest - oldest + 1 }, (_, i) => {
    const seq = oldest + i
    const pages = KINDS.map(file => columns([view.pages(seq, file)], full && seq < view.minSeq(file) ? NOTHING : ' '))
    return ` ${right(seq, 10)} ${right(view.age(seq), 10)}${pages.join('')}\n${full ? details(view, seq) : ''}`
  })
  const path = group === 0 ? '/' : `/${groupName(kernel.view, group)}`
  return `memcg ${right(group + 1, 5)} ${path}\n node     0\n${lines.join('')}`
}

/** The generations of every group; undefined in a machine without. */
export function renderLruGen(kernel: Kernel, full: boolean): string | undefined {
  const { view } = kernel
  const groups = view.getUint32(SUPERBLOCK + SuperblockLayout.groups, true)
  const texts = Array.from({ length: groups }, (_, group) => {
    const at = view.getUint32(GROUPS + group * GROUP_SIZE + GroupLayout.generations, true)
    return at === 0 ? '' : renderGroup(kernel, group, at, full)
  })
  return texts[0] === '' ? undefined : texts.join('')
}
