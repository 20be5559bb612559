// machine.inspect(): the whole linkage, gathered from the core's records.
import { PAGE_SIZE, SUPERBLOCK } from '../abi/layout.gen.js'
import { SHM_DEST } from '../abi/shm.gen.js'
import { exitCodeOf, type Kernel } from '../core/kernel.js'
import { State, SuperblockLayout, Use } from '../core/layout.gen.js'
import { signalName } from '../sys/signals.js'
import { readZones } from '../sys/zones.js'
import type { InspectedFrame, InspectedInode, InspectedProcess, InspectedSegment, InspectedVma, Inspection } from './inspection.js'
import { nameOf, rightsOf } from './names.js'
import type { FrameRecord, InodeRecord, ProcessRecord, SegmentRecord, VmaRecord } from './records.js'
import * as walk from './walk.js'

const STATES: Readonly<Record<number, InspectedFrame['state']>> = {
  [State.Raw]: 'raw',
  [State.Slab]: 'slab',
  [State.Table]: 'table',
  [State.Anonymous]: 'anonymous',
  [State.Object]: 'object',
  [State.Zero]: 'zero',
}

const USES: Readonly<Record<number, InspectedInode['use']>> = {
  [Use.Segment]: 'segment',
  [Use.Zero]: 'zero',
  [Use.File]: 'file',
  [Use.Device]: 'device',
  [Use.Queue]: 'queue',
}

/** Gathers everything. */
export function inspect(kernel: Kernel): Inspection {
  const mounts = [...walk.mounts(kernel)]
  const inodeRecords = mounts.flatMap(({ mount }) => [...walk.inodes(kernel, mount)])
  const byAddress = new Map(inodeRecords.map(record => [record.inode, record]))
  const processes = [...walk.processes(kernel)].map(record => inspectProcess(kernel, record, byAddress))
  const vmas = processes.flatMap(({ mm }) => mm?.vmas ?? [])
  const held = [...vmas, ...processes.flatMap(({ descriptors }) => descriptors)].flatMap(({ file }) => file ?? [])
  const files = [...new Set(held)].map(address => walk.file(kernel, address))
  const mappings = mappingsOf(processes)
  return {
    memory: memoryOf(kernel),
    processes,
    files: files.map(({ file, inode, flags, refs }) => ({ address: file, inode, path: walk.path(kernel, file) ?? null, flags, refs })),
    inodes: inodeRecords.map(record => inspectInode(kernel, record)),
    families: [...new Set(vmas.flatMap(({ family }) => family ?? []))].map(address => ({
      address,
      vmas: [...walk.familyVmas(kernel, address)],
    })),
    mounts: mounts.map(({ mount, device, inodes }) => ({ address: mount, device, inodes })),
    segments: inspectSegments(kernel, processes),
    frames: [...walk.frames(kernel)].map(record => inspectFrame(record, mappings)),
  }
}

function memoryOf(kernel: Kernel): Inspection['memory'] {
  const frames = kernel.view.getUint32(SUPERBLOCK + SuperblockLayout.frames, true)
  const managed = readZones(kernel).reduce((sum, zone) => sum + zone.managed, 0)
  return { frames, free: kernel.exports.machine_free_frames(), reserved: frames - managed, pageSize: PAGE_SIZE }
}

function inspectProcess(kernel: Kernel, record: ProcessRecord, inodes: ReadonlyMap<number, InodeRecord>): InspectedProcess {
  const { pid, parent, alive, asleep, status, cpu, uid, euid, suid, gid, egid, sgid, mm, total, anonymous, shared, tables } = record
  return {
    pid,
    parent,
    state: alive ? (asleep ? 'sleeping' : 'running') : 'zombie',
    exitCode: alive ? null : exitCodeOf(status),
    signal: alive || (status & 127) === 0 ? null : signalName(status & 127),
    cpu: alive ? cpu : null,
    threads: walk.threads(kernel, pid).map(({ tid, cpu, asleep }) => ({ tid, cpu, state: asleep ? 'sleeping' : 'running' })),
    uid: { real: uid, effective: euid, saved: suid },
    gid: { real: gid, effective: egid, saved: sgid },
    namespace: record.namespace || null,
    descriptors: [...walk.descriptors(kernel, pid)],
    mm: alive
      ? {
          address: mm,
          total,
          anonymous,
          shared,
          tables,
          vmas: [...walk.vmas(kernel, pid)].map(vma => inspectVma(kernel, record, vma, inodes.get(vma.inode))),
        }
      : null,
  }
}

function inspectVma(kernel: Kernel, process: ProcessRecord, record: VmaRecord, inode: InodeRecord | undefined): InspectedVma {
  const { vma, start, end, file, offset, segment } = record
  const pages = [...walk.pages(kernel, process.pid, start, end)]
  return {
    address: vma,
    start,
    end,
    rights: rightsOf(record),
    name: nameOf(kernel, process, record, inode),
    file: file || null,
    inode: record.inode || null,
    offset,
    segment: segment < 0 ? null : segment,
    family: record.family || null,
    pages: pages.map(({ address, frame, swap, writable, accessed, dirty }) => ({ address, frame, swap, writable, accessed, dirty })),
  }
}

function inspectInode(kernel: Kernel, record: InodeRecord): InspectedInode {
  const { inode, mount, number, use, bytes, mode, uid, gid, links, refs } = record
  const pages = [...walk.objectPages(kernel, inode)]
  const vmas = [...walk.objectVmas(kernel, inode)]
  return { address: inode, mount, number, use: USES[use] ?? 'file', size: bytes, mode, uid, gid, links, refs, pages, vmas }
}

function inspectSegments(kernel: Kernel, processes: readonly InspectedProcess[]): InspectedSegment[] {
  const namespaces = new Map(processes.flatMap(({ pid, namespace }) => (namespace === null ? [] : [[namespace, pid]])))
  return [...namespaces].flatMap(([namespace, pid]) =>
    kernel.viewAs(pid, () => [...walk.segments(kernel)].map(record => inspectSegment(namespace, record)), 'inspect'),
  )
}

function inspectSegment(namespace: number, record: SegmentRecord): InspectedSegment {
  const { id, key, bytes, mode, uid, gid, cuid, cgid, creator, last, attachments, inode } = record
  return {
    namespace,
    id,
    key,
    size: bytes,
    mode,
    uid,
    gid,
    cuid,
    cgid,
    cpid: creator,
    lpid: last,
    nattch: attachments,
    marked: (mode & SHM_DEST) !== 0,
    inode,
  }
}

/** Who maps each frame: what page tables say, the other way round. */
function mappingsOf(processes: readonly InspectedProcess[]): Map<number, { pid: number; address: number }[]> {
  const mappings = new Map<number, { pid: number; address: number }[]>()
  for (const { pid, mm } of processes) {
    for (const { address, frame, swap } of mm?.vmas.flatMap(({ pages }) => pages) ?? []) {
      if (swap !== 0) continue
      const list = mappings.get(frame)
      if (list) list.push({ pid, address })
      else mappings.set(frame, [{ pid, address }])
    }
  }
  return mappings
}

function inspectFrame(record: FrameRecord, mappings: ReadonlyMap<number, { pid: number; address: number }[]>): InspectedFrame {
  const { frame, state, refs, owner, index } = record
  const [ofObject, isPrivate] = [state === State.Object, state === State.Anonymous]
  return {
    frame,
    state: STATES[state] ?? 'raw',
    refs,
    inode: ofObject ? owner : null,
    family: isPrivate ? owner : null,
    index: ofObject || isPrivate ? index : null,
    mappings: mappings.get(frame) ?? [],
  }
}
