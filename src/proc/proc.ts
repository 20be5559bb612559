// The files of /proc: which there are, and who renders each.
import { EINVAL, ENOENT } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import type { Kernel } from '../core/kernel.js'
import { isSetting, sysctl } from '../sys/sysctl.js'
import { readZones } from '../sys/zones.js'
import { renderLruGen } from './lruGen.js'
import { readPagemap, renderMaps, renderSmaps, renderStatm } from './maps.js'
import type { ProcessRecord } from './records.js'
import { exactSetting } from './settings.js'
import { renderStatus } from './status.js'
import * as system from './system.js'
import * as walk from './walk.js'

/** Files about the whole machine. */
const SYSTEM: ReadonlyMap<string, (view: system.SystemView) => string> = new Map([
  ['meminfo', system.renderMeminfo],
  ['vmstat', system.renderVmstat],
  ['swaps', system.renderSwaps],
  ['buddyinfo', system.renderBuddyinfo],
  ['zoneinfo', system.renderZoneinfo],
  ['slabinfo', system.renderSlabinfo],
  ['sysvipc/shm', system.renderShm],
  ['sysvipc/sem', system.renderSem],
  ['sysvipc/msg', system.renderMsg],
])

/** Files of a process. */
const PROCESS: ReadonlyMap<string, (kernel: Kernel, record: ProcessRecord) => string> = new Map([
  ['maps', renderMaps],
  ['smaps', renderSmaps],
  ['status', renderStatus],
  ['statm', renderStatm],
  ['oom_score', (_, { oomScore }) => `${oomScore}\n`],
  ['oom_score_adj', (_, { oomScoreAdj }) => `${oomScoreAdj}\n`],
])

/** The generations of linux-6.12-mglru; with `_full` behind it, their tiers as well. */
const LRU_GEN = '/sys/kernel/debug/lru_gen'

/** Who looks at /proc. */
export interface ProcView {
  /** The process whose IPC namespace is shown: init unless given. */
  of?: { readonly pid: number }
}

/** A part of a file of bytes. */
export interface ProcRange {
  /** Where it begins, in bytes: a page's number times 8. */
  offset: number
  /** Bytes. */
  length: number
}

/** The process of a path, and the name of its file; undefined if the path is of no process. */
function ofProcess(kernel: Kernel, name: string): { record: ProcessRecord; file: string } | undefined {
  const [, pid, file = ''] = /^([1-9]\d*)\/(\w+)$/.exec(name) ?? []
  const record = pid === undefined ? undefined : walk.process(kernel, Number(pid))
  return record && { record, file }
}

/** A setting's digits. */
function decimal(value: number): string {
  return String(exactSetting(value))
}

/** What reading a file of /proc gives: text, or bytes for a pagemap. `counters` are those of all CPUs, by name. */
export function readProc(
  kernel: Kernel,
  path: string,
  range: ProcRange | undefined,
  counters: Readonly<Record<string, number>>,
): string | Uint8Array {
  if (typeof path !== 'string') throw new TypeError(`path must be a string, not ${String(path)}`)
  const generations = path === LRU_GEN || path === `${LRU_GEN}_full` ? renderLruGen(kernel, path !== LRU_GEN) : undefined
  if (generations !== undefined) return generations
  const name = path.startsWith('/proc/') ? path.slice('/proc/'.length) : ''
  const render = SYSTEM.get(name)
  if (render) return render({ kernel, zones: readZones(kernel), counters })
  const setting = name.startsWith('sys/') ? name.slice('sys/'.length).replace('/', '.') : ''
  if (isSetting(setting)) return `${[sysctl(kernel, setting)].flat().map(decimal).join('\t')}\n`
  const found = ofProcess(kernel, name)
  const renderProcess = PROCESS.get(found?.file ?? '')
  if (found && renderProcess) return renderProcess(kernel, found.record)
  if (found?.file !== 'pagemap') throw new SysError(ENOENT, 'open', path)
  // it is 256 GiB long
  if (range === undefined) throw new SysError(EINVAL, 'read')
  return readPagemap(kernel, found.record, range.offset, range.length)
}
