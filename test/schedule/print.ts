// A schedule as text: a column a thread, a line a step; what it did there, to what, and in which function.
import {
  CACHE_SIZE,
  CACHES,
  CPU_FUTEX,
  CPU_LRU,
  CPU_PCP,
  CPU_RUN,
  CPU_SIZE,
  CPU_TLB,
  CPUS,
  FRAME_SIZE,
  FUTEXES,
  GROUP_SIZE,
  GROUPS,
  MOUNT_SIZE,
  MOUNTS,
  NAMES,
  PAGE_SIZE,
  PIDS,
  SUPERBLOCK,
  TASKS,
  VMSTAT_SIZE,
  VMSTATS,
  ZONE_SIZE,
  ZONES,
} from '#dist/abi/layout.gen.js'
import { CacheLayout, Kind, State } from '#dist/core/layout.gen.js'
import { FRAME_TABLE, type SchedBuild } from './build.js'
import type { Fields } from './instrument.js'
import type { SchedMachine } from './machine.js'
import type { Done, Scheduler } from './scheduler.js'

/** Bytes of a bucket of waiters: struct FutexBucket and a Link. */
const BUCKET_SIZE = 12

/** A region of fixed structs: its begin and end, the distance of two, and the struct that stands there. */
type Region = readonly [name: string, from: number, to: number, size: number, struct: string]

const REGIONS: readonly Region[] = [
  ['superblock', SUPERBLOCK, ZONES, PAGE_SIZE, 'Superblock'],
  ['zone', ZONES, CACHES, ZONE_SIZE, 'Zone'],
  ['cache', CACHES, TASKS, CACHE_SIZE, 'Cache'],
  ['tasks', TASKS, MOUNTS, PAGE_SIZE, 'Tasks'],
  ['mount', MOUNTS, FUTEXES, MOUNT_SIZE, 'Mount'],
  ['bucket', FUTEXES, NAMES, BUCKET_SIZE, 'FutexBucket'],
  ['names', NAMES, CPUS, PAGE_SIZE, 'Names'],
  ['counters', VMSTATS, GROUPS, VMSTAT_SIZE, ''],
  ['group', GROUPS, PIDS, GROUP_SIZE, 'Group'],
  ['pid', PIDS, FRAME_TABLE, 4, ''],
]

/** What stands in a CPU's block, by its offset. */
const CPU_PARTS: readonly (readonly [offset: number, name: string])[] = [
  [CPU_TLB, 'TLB'],
  [CPU_LRU, 'batches'],
  [CPU_PCP, 'frames'],
  [CPU_FUTEX, 'waiter'],
  [CPU_RUN, 'run'],
]

/** A field's name. */
function fieldOf(fields: Fields | undefined, offset: number): string {
  return fields?.get(offset) ?? `+${offset}`
}

/** What stands at an address. */
export function nameOf({ structs }: SchedBuild, machine: SchedMachine, address: number): string {
  if (address >= CPUS && address < VMSTATS) {
    const offset = (address - CPUS) % CPU_SIZE
    const part = CPU_PARTS.find(([from]) => offset >= from)
    return `cpu ${Math.floor((address - CPUS) / CPU_SIZE)}.${part ? `${part[1]}+${offset - part[0]}` : fieldOf(structs.get('Cpu'), offset)}`
  }
  const region = REGIONS.find(([, from, to]) => address >= from && address < to)
  if (region) {
    const [name, from, , size, struct] = region
    return `${name} ${Math.floor((address - from) / size)}${struct ? `.${fieldOf(structs.get(struct), (address - from) % size)}` : ''}`
  }
  if (address >= FRAME_TABLE && address < FRAME_TABLE + machine.frames * FRAME_SIZE) {
    const at = address - FRAME_TABLE
    return `frame ${Math.floor(at / FRAME_SIZE)}.${fieldOf(structs.get('Frame'), at % FRAME_SIZE)}`
  }
  return pageName(structs, machine, address)
}

/** What stands at an address in a frame: a struct of a slab, or a user's page. */
function pageName(structs: SchedBuild['structs'], machine: SchedMachine, address: number): string {
  const pfn = Math.floor(address / PAGE_SIZE)
  const state = machine.stateOf(pfn)
  const kind = Object.entries(Kind).find(([, value]) => CACHES + value * CACHE_SIZE === machine.ownerOf(pfn))
  if (state !== State.Slab || !kind)
    return `${Object.entries(State).find(([, value]) => value === state)?.[0] ?? '?'} frame ${pfn}+${address % PAGE_SIZE}`
  const size = machine.word(CACHES + kind[1] * CACHE_SIZE + CacheLayout.size)
  const offset = (address % PAGE_SIZE) % size
  return `${kind[0]} ${(address - offset).toString(16)}.${fieldOf(structs.get(kind[0] === 'Namespace' ? 'ShmNamespace' : kind[0]), offset)}`
}

const WIDTH = 62

/** The steps of a traced run, beside one another. */
export function columns(build: SchedBuild, scheduler: Scheduler): string {
  const { names, trace, machine, program } = scheduler
  const shown = names.flatMap((name, index) => (index > 0 || program.threads.init ? [{ name, index }] : []))
  const row = (at: number, text: string): string =>
    shown
      .map(({ index }) => (index === at ? text.slice(0, WIDTH) : '').padEnd(WIDTH))
      .join(' | ')
      .trimEnd()
  const describe = ({ text, site, address = 0 }: Done): string => {
    const known = site === undefined ? undefined : build.sites[site]
    if (!known) return text ?? ''
    return `  ${known.op} ${nameOf(build, machine, address + known.offset)}  (${known.where.replace(/^(\w+\/)?\w+\//, '')})`
  }
  const head = shown
    .map(({ name }) => name.padEnd(WIDTH))
    .join(' | ')
    .trimEnd()
  return [head, ...trace.map(done => row(done.thread, describe(done)))].join('\n')
}
