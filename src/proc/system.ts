// The files of /proc about all of the machine: meminfo, vmstat, swaps, buddyinfo, zoneinfo, slabinfo, sysvipc/shm, sem and msg.
// They print, in Linux's order and widths, the lines whose numbers the machine has, and 0 for what it could have
// and does not: huge pages. Others are left out.
import { CACHE_SIZE, CACHES, PAGE_SIZE } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { CacheLayout, Kind } from '../core/layout.gen.js'
import { swaps } from '../sys/swap.js'
import type { ZoneInfo } from '../sys/zones.js'
import { USAGE } from './records.js'
import { kilobytes, right } from './text.js'
import * as walk from './walk.js'

/** What the renderers need to know of a machine. */
export interface SystemView {
  kernel: Kernel
  zones: readonly ZoneInfo[]
  /** Counters by their names in /proc/vmstat. */
  counters: Readonly<Record<string, number>>
}

function usageOf(kernel: Kernel): ReturnType<typeof USAGE.readFirst> {
  kernel.exports.inspect_usage()
  return USAGE.readFirst(kernel)
}

function sum(zones: readonly ZoneInfo[], field: 'managed' | 'free' | 'low' | 'high'): number {
  return zones.reduce((total, zone) => total + zone[field], 0)
}

/** /proc/meminfo. */
export function renderMeminfo({ kernel, zones }: SystemView): string {
  const usage = usageOf(kernel)
  const total = sum(zones, 'managed')
  const free = sum(zones, 'free')
  const areas = swaps(kernel)
  const swap = (field: 'size' | 'used' | 'cached'): number => areas.reduce((pages, area) => pages + area[field], 0) / PAGE_SIZE
  const rows: readonly (readonly [string, number])[] = [
    ['MemTotal', total],
    ['MemFree', free],
    // of the cache of disks, half, or what is above the low watermark, can be had; other objects' pages have no other place to be
    ['MemAvailable', Math.max(0, free - sum(zones, 'high') + usage.file - Math.min(Math.floor(usage.file / 2), sum(zones, 'low')))],
    ['Buffers', 0],
    ['Cached', usage.object],
    ['SwapCached', swap('cached')],
    ['Active', usage.activeAnon + usage.activeFile],
    ['Inactive', usage.inactiveAnon + usage.inactiveFile],
    ['Active(anon)', usage.activeAnon],
    ['Inactive(anon)', usage.inactiveAnon],
    ['Active(file)', usage.activeFile],
    ['Inactive(file)', usage.inactiveFile],
    ['Unevictable', usage.unevictable],
    ['Mlocked', usage.locked],
    ['SwapTotal', swap('size')],
    ['SwapFree', swap('size') - swap('used')],
    ['Dirty', usage.dirty],
    ['Writeback', 0],
    ['AnonPages', usage.anonymous],
    ['Mapped', usage.mapped],
    ['Shmem', usage.object - usage.file],
    ['KReclaimable', 0],
    ['Slab', usage.slab],
    ['SReclaimable', 0],
    ['SUnreclaim', usage.slab],
    ['PageTables', usage.table],
    ['CommitLimit', usage.commitLimit],
    ['Committed_AS', usage.committed],
  ]
  return rows.map(([name, pages]) => `${`${name}:`.padEnd(16)}${right(kilobytes(pages), 8)} kB\n`).join('')
}

/** Counters of /proc/vmstat that are called there as here, in its order. */
const WORKINGSET = [
  'workingset_refault_anon',
  'workingset_refault_file',
  'workingset_activate_anon',
  'workingset_activate_file',
  'workingset_restore_anon',
  'workingset_restore_file',
  'workingset_nodereclaim',
] as const
const EVENTS = [
  'pgfree',
  'pgactivate',
  'pgdeactivate',
  'pglazyfree',
  'pgfault',
  'pgmajfault',
  'pglazyfreed',
  'pgrefill',
  'pgreuse',
  'pgsteal_kswapd',
  'pgsteal_direct',
  'pgscan_kswapd',
  'pgscan_direct',
  'pgscan_anon',
  'pgscan_file',
  'pgsteal_anon',
  'pgsteal_file',
  'kswapd_low_wmark_hit_quickly',
  'kswapd_high_wmark_hit_quickly',
  'pageoutrun',
  'oom_kill',
] as const
/** What is counted of pages that may not be evicted. */
const PINNED = ['culled', 'scanned', 'rescued', 'mlocked', 'munlocked', 'stranded'].map(what => `unevictable_pgs_${what}`)

/** /proc/vmstat. */
export function renderVmstat({ kernel, zones, counters }: SystemView): string {
  const usage = usageOf(kernel)
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['nr_free_pages', sum(zones, 'free')],
    ['nr_mlock', usage.locked],
    ['nr_inactive_anon', usage.inactiveAnon],
    ['nr_active_anon', usage.activeAnon],
    ['nr_inactive_file', usage.inactiveFile],
    ['nr_active_file', usage.activeFile],
    ['nr_unevictable', usage.unevictable],
    ['nr_slab_reclaimable', 0],
    ['nr_slab_unreclaimable', usage.slab],
    ...WORKINGSET.map(name => [name, counters[name]] as const),
    ['nr_anon_pages', usage.anonymous],
    ['nr_mapped', usage.mapped],
    ['nr_file_pages', usage.object],
    ['nr_dirty', usage.dirty],
    ['nr_writeback', 0],
    ['nr_shmem', usage.object - usage.file],
    ['nr_page_table_pages', usage.table],
    ['pgpgin', counters.pgpgin],
    ['pgpgout', counters.pgpgout],
    ['pswpin', counters.pswpin],
    ['pswpout', counters.pswpout],
    ['pgalloc_normal', counters.pgalloc],
    ['allocstall_normal', counters.allocstall],
    ...EVENTS.map(name => [name, counters[name]] as const),
    ...PINNED.map(name => [name, counters[name]] as const),
    ['swap_ra', counters.swap_ra],
    ['swap_ra_hit', counters.swap_ra_hit],
  ]
  return rows.map(([name, value]) => `${name} ${value ?? 0}\n`).join('')
}

/** /proc/swaps. */
export function renderSwaps({ kernel }: SystemView): string {
  const head = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
  const column = (bytes: number): string => `${bytes / 1024}\t${bytes / 1024 < 10_000_000 ? '\t' : ''}`
  const lines = swaps(kernel).map(({ path, type, size, used, priority }) => {
    // in a path what separates is told apart
    const name = path.replace(/[ \t\n\\]/g, char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
    const kind = type === 'file' ? 'file\t' : type
    return `${name}${' '.repeat(Math.max(1, 40 - new TextEncoder().encode(name).length))}${kind}\t${column(size)}${column(used)}${priority}\n`
  })
  return head + lines.join('')
}

/** Free blocks of a zone, by order. */
function freeBlocks(kernel: Kernel, zone: number): number[] {
  kernel.exports.inspect_free_blocks(zone)
  return Array.from({ length: 11 }, (_, order) => kernel.view.getUint32(kernel.buffer + order * 4, true))
}

/** /proc/buddyinfo. */
export function renderBuddyinfo({ kernel, zones }: SystemView): string {
  return zones
    .map(({ name }, index) => {
      const counts = freeBlocks(kernel, index).map(count => `${right(count, 6)} `)
      return `Node 0, zone ${name.padStart(8)} ${counts.join('')}\n`
    })
    .join('')
}

/** /proc/zoneinfo. */
export function renderZoneinfo({ zones }: SystemView): string {
  return zones.map(renderZone).join('')
}

function renderZone({ name, first, managed, free, min, low, high, cpuFrames }: ZoneInfo): string {
  const fields = { boost: 0, min, low, high, spanned: managed, present: managed, managed }
  return [
    `Node 0, zone ${name.padStart(8)}`,
    `  pages free     ${free}`,
    ...Object.entries(fields).map(([field, value]) => `        ${field.padEnd(8)} ${value}`),
    `      nr_free_pages ${free}`,
    '  pagesets',
    ...cpuFrames.flatMap((count, cpu) => [`    cpu: ${cpu}`, `              count:    ${count}`]),
    `  start_pfn:           ${first}`,
    '',
  ].join('\n')
}

/** Names of slab caches, as Linux calls what they hold. */
const CACHE_NAMES: Readonly<Partial<Record<keyof typeof Kind, string>>> = {
  Mm: 'mm_struct',
  Vma: 'vm_area_struct',
  Family: 'anon_vma',
  Node: 'radix_tree_node',
  Inode: 'shmem_inode_cache',
  File: 'filp',
  Segment: 'shmid_kernel',
  Task: 'task_struct',
  Dentry: 'dentry',
  Name: 'names_cache',
  Bytes64: 'kmalloc-64',
  Bytes128: 'kmalloc-128',
  Bytes256: 'kmalloc-256',
  Bytes512: 'kmalloc-512',
  Bytes1024: 'kmalloc-1k',
  Bytes2048: 'kmalloc-2k',
}

/** /proc/slabinfo. */
export function renderSlabinfo({ kernel: { view } }: SystemView): string {
  const head =
    'slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>' +
    ' : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n'
  return (
    head +
    Object.entries(Kind)
      .map(([kind, number]) => {
        const field = (name: keyof typeof CacheLayout): number => view.getUint32(CACHES + number * CACHE_SIZE + CacheLayout[name], true)
        const slabs = field('slabs')
        const name = CACHE_NAMES[kind as keyof typeof Kind] ?? kind.toLowerCase()
        const objects = `${right(field('active'), 6)} ${right(slabs * field('perSlab'), 6)} ${right(field('size'), 6)} ${right(field('perSlab'), 4)}`
        return `${name.padEnd(17)} ${objects} ${right(1, 4)} : tunables    0    0    0 : slabdata ${right(slabs, 6)} ${right(slabs, 6)} ${right(0, 6)}\n`
      })
      .join('')
  )
}

/** /proc/sysvipc/shm. */
export function renderShm({ kernel }: SystemView): string {
  const head =
    '       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid' +
    '      atime      dtime      ctime                   rss                  swap\n'
  const lines = [...walk.segments(kernel)].map(segment => {
    const { key, id, mode, bytes, creator, last, attachments, uid, gid, cuid, cgid, attached, detached, changed } = segment
    const { pages, swapped } = walk.inode(kernel, segment.inode)
    const who = [uid, gid, cuid, cgid].map(value => ` ${right(value, 5)}`).join('')
    const times = [attached, detached, changed].map(value => ` ${right(value, 10)}`).join('')
    const identity = `${right(key, 10)} ${right(id, 10)}  ${mode.toString(8).padStart(4)} ${right(BigInt(bytes), 21)}`
    return `${identity} ${right(creator, 5)} ${right(last, 5)}  ${right(attachments, 5)}${who}${times} ${right(pages * PAGE_SIZE, 21)} ${right(swapped * PAGE_SIZE, 21)}\n`
  })
  return head + lines.join('')
}

/** /proc/sysvipc/sem. */
export function renderSem({ kernel }: SystemView): string {
  const head = '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n'
  const lines = [...walk.semaphoreSets(kernel)].map(({ key, id, mode, count, uid, gid, cuid, cgid, operated, changed }) => {
    const who = [uid, gid, cuid, cgid].map(value => ` ${right(value, 5)}`).join('')
    const times = [operated, changed].map(value => ` ${right(value, 10)}`).join('')
    return `${right(key, 10)} ${right(id, 10)}  ${mode.toString(8).padStart(4)} ${right(count, 10)}${who}${times}\n`
  })
  return head + lines.join('')
}

/** /proc/sysvipc/msg. */
export function renderMsg({ kernel }: SystemView): string {
  const head = '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n'
  const lines = [...walk.queues(kernel)].map(({ key, id, mode, bytes, count, ...queue }) => {
    const who = [queue.sender, queue.receiver, queue.uid, queue.gid, queue.cuid, queue.cgid].map(value => ` ${right(value, 5)}`).join('')
    const times = [queue.sent, queue.received, queue.changed].map(value => ` ${right(value, 10)}`).join('')
    return `${right(key, 10)} ${right(id, 10)}  ${mode.toString(8).padStart(4)}  ${right(bytes, 10)} ${right(count, 10)}${who}${times}\n`
  })
  return head + lines.join('')
}
