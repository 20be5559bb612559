// Memory control groups: Linux's memory.max, memory.stat and the like, of one level.
import { ENOENT } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { BUFFER_SIZE, GROUP_COUNTERS, GROUP_NAME, GROUP_SIZE, GROUPS, PAGE_SIZE } from '../abi/layout.gen.js'
import { NO_LIMIT, SAME_SWAPPINESS } from '../abi/limits.gen.js'
import * as vmstat from '../abi/vmstat.gen.js'
import type { Kernel } from '../core/kernel.js'
import { GroupLayout, GroupPagesLayout } from '../core/layout.gen.js'
import { options as known, shown, whole } from './arguments.js'
import { parseSize } from './size.js'

/** The lists of a group, in their order. */
const LISTS = ['inactive_anon', 'active_anon', 'inactive_file', 'active_file', 'unevictable'] as const

/** Settings of a group; those that are not given stay as they are. */
export interface CgroupOptions {
  /** The most that its pages may be, in bytes, or a number with KiB, MiB or GiB, or `max`: rounded down to pages. Beyond it, its pages are reclaimed, or its processes killed. */
  memoryMax?: number | string
  /** The most that its pages may take of swap, in the same terms: beyond it they stay in memory. What is in swap already stays there. */
  swapMax?: number | string
  /** How much rather anonymous pages are reclaimed than those of files: 0 to 200; vm.swappiness unless given. */
  swappiness?: number
}

/**
 * What a group has, and what happened to its pages: names and meaning are memory.stat's. Sizes are in bytes, all else are counts.
 * `pagetables` are those of its processes, which it does not pay for here.
 */
export type CgroupStat = Record<(typeof KINDS)[number] | (typeof LISTS)[number] | 'pgscan' | 'pgsteal' | Counter, number>

/** The sizes of memory.stat but those of the lists. */
const KINDS = ['anon', 'file', 'pagetables', 'shmem', 'file_mapped', 'file_dirty', 'swapcached'] as const

/** What is counted by group. */
type Counter = Extract<
  Lowercase<keyof typeof vmstat>,
  | `pgscan_${string}`
  | `pgsteal_${string}`
  | 'pgfault'
  | 'pgmajfault'
  | 'pswpin'
  | 'pswpout'
  | 'pgactivate'
  | 'pgdeactivate'
  | 'pgrefill'
  | 'pglazyfree'
  | 'pglazyfreed'
  | `workingset_${string}`
>
const COUNTED = /^(pgscan_|pgsteal_|pgfault|pgmajfault|pswpin|pswpout|pgactivate|pgdeactivate|pgrefill|pglazyfreed?|workingset_)/

/** What happened to a group: memory.events. */
export interface CgroupEvents {
  /** How often its pages came to the limit. */
  max: number
  /** How often even reclaim did not help. */
  oom: number
  /** How many of its processes were killed for want of memory. */
  oom_kill: number
}

/** What happened as a group's pages were to go to swap: memory.swap.events. */
export interface CgroupSwapEvents {
  /** How often they came to the limit. */
  max: number
  /** How often one found no slot, for the limit or because swap is full. */
  fail: number
}

/** Does something while the machine stands still. */
type Stopped = <Result>(what: () => Result) => Result

/** The name of a group. */
export function groupName(view: DataView, group: number): string {
  const at = GROUPS + group * GROUP_SIZE
  const bytes = new Uint8Array(view.buffer, at + GROUP_NAME, view.getUint32(at + GroupLayout.nameBytes, true))
  return new TextDecoder().decode(bytes.slice())
}

/** A memory control group. */
export class Cgroup {
  readonly #kernel: Kernel
  readonly #stopped: Stopped
  readonly #number: number
  readonly name: string

  constructor(kernel: Kernel, stopped: Stopped, number: number, name: string) {
    this.#kernel = kernel
    this.#stopped = stopped
    this.#number = number
    this.name = name
  }

  #check(result: number, what: string): number {
    if (result < 0) throw new SysError(-result, what, this.name)
    return result
  }

  #field(name: keyof typeof GroupLayout): number {
    return this.#kernel.view.getUint32(GROUPS + this.#number * GROUP_SIZE + GroupLayout[name], true)
  }

  /** Fails with ENOENT if the group was removed. */
  #live(what: string): void {
    if (this.#field('isUsed') === 0 || groupName(this.#kernel.view, this.#number) !== this.name) throw new SysError(ENOENT, what, this.name)
  }

  /** Changes settings. Throws a TypeError or a RangeError for those that make no sense, a SysError ENOENT once the group was removed. */
  set(options: CgroupOptions): void {
    const { memoryMax, swapMax, swappiness } = known(options, ['memoryMax', 'swapMax', 'swappiness'], "a cgroup's options")
    const limit = memoryMax === undefined ? undefined : limitOf(memoryMax, 'memoryMax')
    const swapLimit = swapMax === undefined ? undefined : limitOf(swapMax, 'swapMax')
    const share = swappiness === undefined ? undefined : whole(swappiness, 'swappiness')
    if (share !== undefined && (share < 0 || share > 200)) throw new RangeError(`swappiness is 0 to 200, not ${share}`)
    this.#live('cgroup')
    const { group_limit, group_limit_swap, group_swappiness } = this.#kernel.exports
    this.#stopped(() => {
      if (share !== undefined) this.#check(group_swappiness(this.#number, share), 'cgroup')
      if (swapLimit !== undefined) this.#check(group_limit_swap(this.#number, swapLimit), 'cgroup')
      if (limit !== undefined) this.#check(group_limit(this.#number, limit), 'cgroup')
    })
  }

  /**
   * Puts a process in this group, out of any other: what it makes present from now on, and its later children do, is paid for here; what it
   * has stays where it is. Throws a SysError ESRCH if the process has ended, ENOENT if the group was removed; a TypeError if it is no process.
   */
  assign(process: { readonly pid: number }): void {
    if (typeof process !== 'object' || process === null) throw new TypeError(`assign takes a process, not ${shown(process)}`)
    this.#live('assign')
    const pid = whole(process.pid, 'pid')
    this.#stopped(() => this.#check(this.#kernel.exports.group_assign(this.#number, pid), 'assign'))
  }

  /** The most that its pages may be, in bytes; infinity for no limit. */
  get memoryMax(): number {
    const limit = this.#field('limit')
    return limit === NO_LIMIT ? Number.POSITIVE_INFINITY : limit * PAGE_SIZE
  }

  /** The bytes of its pages: memory.current. */
  get memoryCurrent(): number {
    return this.#field('usage') * PAGE_SIZE
  }

  /** The most that its pages may take of swap, in bytes; infinity for no limit. */
  get swapMax(): number {
    const limit = this.#field('swapLimit')
    return limit === NO_LIMIT ? Number.POSITIVE_INFINITY : limit * PAGE_SIZE
  }

  /** The bytes of swap that its pages take, those that are in memory again and have kept their place among them: memory.swap.current. */
  get swapCurrent(): number {
    return this.#field('swapUsage') * PAGE_SIZE
  }

  /** Its swappiness; undefined if it is vm.swappiness. */
  get swappiness(): number | undefined {
    const share = this.#field('swappiness')
    return share === SAME_SWAPPINESS ? undefined : share
  }

  /** memory.stat. Worker processes stand still meanwhile. Throws a SysError ENOENT once the group was removed. */
  stat(): CgroupStat {
    this.#live('stat')
    const { exports, view, buffer } = this.#kernel
    const group = GROUPS + this.#number * GROUP_SIZE
    const lengths = group + GroupLayout.SIZE + LISTS.length * 8
    return this.#stopped(() => {
      this.#check(exports.group_pages(this.#number), 'stat')
      const counters = Object.entries(vmstat)
        .map(([name, slot]) => [name.toLowerCase(), Number(view.getBigUint64(group + GROUP_COUNTERS + slot * 8, true))] as const)
        .filter(([name]) => COUNTED.test(name))
      const lists = LISTS.map((name, index) => [name, view.getUint32(lengths + index * 4, true) * PAGE_SIZE])
      const bytesOf = (field: keyof typeof GroupPagesLayout): number => view.getUint32(buffer + GroupPagesLayout[field], true) * PAGE_SIZE
      const counts = Object.fromEntries(counters) as Record<Counter, number>
      const stat = {
        anon: bytesOf('anonymous'),
        file: bytesOf('shared'),
        pagetables: bytesOf('tables'),
        shmem: bytesOf('shared') - bytesOf('file'),
        file_mapped: bytesOf('mapped'),
        file_dirty: bytesOf('dirty'),
        swapcached: bytesOf('swapCached'),
        ...Object.fromEntries(lists),
        pgscan: counts.pgscan_direct + counts.pgscan_kswapd,
        pgsteal: counts.pgsteal_direct + counts.pgsteal_kswapd,
        ...counts,
      }
      return stat as CgroupStat
    })
  }

  /** memory.events. Throws a SysError ENOENT once the group was removed. */
  events(): CgroupEvents {
    this.#live('events')
    return { max: this.#field('maxEvents'), oom: this.#field('oomEvents'), oom_kill: this.#field('oomKills') }
  }

  /** memory.swap.events. Throws a SysError ENOENT once the group was removed. */
  swapEvents(): CgroupSwapEvents {
    this.#live('swapEvents')
    return { max: this.#field('swapMaxEvents'), fail: this.#field('swapFailEvents') }
  }

  /** Removes the group; pages that it still pays for are nobody's, that is, the machine's. Throws a SysError: EBUSY if a process is in it, ENOENT if it was removed already. */
  remove(): void {
    this.#live('rmdir')
    this.#stopped(() => this.#check(this.#kernel.exports.group_remove(this.#number), 'rmdir'))
  }
}

/** A limit in pages. */
function limitOf(size: number | string, name: string): number {
  if (size === 'max' || size === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  if (typeof size !== 'number' && typeof size !== 'string') throw new TypeError(`${name} is a size, such as '64MiB', not ${shown(size)}`)
  return Math.floor(parseSize(size) / PAGE_SIZE)
}

/** The group of a name, made if there is none, with these settings. */
export function openCgroup(kernel: Kernel, stopped: Stopped, name: string, options: CgroupOptions): Cgroup {
  if (typeof name !== 'string') throw new TypeError(`a cgroup's name must be a string, not ${shown(name)}`)
  const bytes = new TextEncoder().encode(name)
  const number = stopped(() => {
    const room = new Uint8Array(kernel.memory.buffer, kernel.buffer, BUFFER_SIZE)
    room.set(bytes.subarray(0, room.length))
    const found = kernel.exports.group_find(bytes.length)
    return found > 0 ? found : kernel.exports.group_make(bytes.length)
  })
  if (number < 0) throw new SysError(-number, 'cgroup', name.slice(0, 100))
  const group = new Cgroup(kernel, stopped, number, name)
  group.set(options)
  return group
}
