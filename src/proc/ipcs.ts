// What util-linux's ipcs (2.38) prints, of init's IPC namespace: sys-utils/ipcs.c. The columns are as wide as there, blanks at
// the ends of lines and a colon too few included, since scripts read them.
import { EINVAL } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { PAGE_SIZE } from '../abi/layout.gen.js'
import { SEMVMX } from '../abi/sem.gen.js'
import { SHM_DEST, SHM_LOCKED } from '../abi/shm.gen.js'
import type { Kernel } from '../core/kernel.js'
import { options as known, shown, whole } from '../sys/arguments.js'
import { sysctl } from '../sys/sysctl.js'
import { owner, shortTime, size, time, type Unit } from './ipcsText.js'
import type { MsgQueueRecord, SegmentRecord, SemSetRecord } from './records.js'
import { exactSetting } from './settings.js'
import * as walk from './walk.js'

/** What ipcs shows: -q, -m and -s of its command line. */
const RESOURCES = ['queues', 'shmems', 'semaphores'] as const
/** Instead of the usual columns: -t, -p, -c, -l and -u. */
const VIEWS = ['time', 'pid', 'creator', 'limits', 'summary'] as const
const SIZES = ['bytes', 'human'] as const

/** One of the kinds of IPC objects. */
export type IpcsResource = (typeof RESOURCES)[number]
/** What is shown of the objects instead of the usual columns. */
export type IpcsView = (typeof VIEWS)[number]

/** What ipcs shows, and how. */
export interface IpcsOptions {
  /** The kinds of objects; all unless given. */
  resources?: readonly IpcsResource[]
  view?: IpcsView
  /** All about the one object with an id, of one kind. */
  id?: number
  /** How sizes are shown, if not as each place has it. */
  sizes?: (typeof SIZES)[number]
}

/** The members of a list, padded on the right as `%-Ns` does, with blanks between. */
function columns(widths: readonly number[], ...values: readonly (string | number)[]): string {
  return values.map((value, index) => String(value).padEnd(widths[index] ?? 0)).join(' ')
}

const TENS = [10, 10, 10, 10, 10, 10]

/** Lines of creators and owners, the same for all kinds. */
function creators(title: string, id: string, objects: Iterable<SegmentRecord | SemSetRecord | MsgQueueRecord>): string[] {
  const rows = Array.from(objects, object =>
    columns(TENS, object.id, octal(object.mode), ...[object.cuid, object.cgid, object.uid, object.gid].map(owner)),
  )
  return [`------ ${title} Creators/Owners --------`, columns(TENS, id, 'perms', 'cuid', 'cgid', 'uid', 'gid'), ...rows]
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8)
}

function key(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`
}

/** A limit as a line: in its own unit unless another is asked for. */
function limit(name: string, bytes: bigint, unit: Unit, own: 'bytes' | 'kbytes'): string {
  if (unit === 'human') return `${name} = ${size(bytes, unit)}`
  return own === 'kbytes' && unit === 'default' ? `${name} (kbytes) = ${bytes / 1024n}` : `${name} (bytes) = ${bytes}`
}

const END = 2n ** 64n

/** The most bytes of all segments; if that is no number of 64 bits, the largest multiple. */
function totalMemory(pages: bigint, unit: Unit): string {
  const each = unit === 'default' ? BigInt(PAGE_SIZE) / 1024n : BigInt(PAGE_SIZE)
  const total = pages * each < END ? pages * each : END - 1n - ((END - 1n) % each)
  return unit === 'default' ? `max total shared memory (kbytes) = ${total}` : limit('max total shared memory', total, unit, 'bytes')
}

function shmems(kernel: Kernel, view: IpcsView | undefined, unit: Unit): string[] {
  const all = [...walk.segments(kernel)]
  switch (view) {
    case 'limits':
      return [
        '------ Shared Memory Limits --------',
        `max number of segments = ${sysctl(kernel, 'kernel.shmmni')}`,
        limit('max seg size', exactSetting(sysctl(kernel, 'kernel.shmmax')), unit, 'kbytes'),
        totalMemory(exactSetting(sysctl(kernel, 'kernel.shmall')), unit),
        limit('min seg size', 1n, unit, 'bytes'),
      ]
    case 'summary': {
      const pages = all.reduce((sum, { bytes }) => sum + Math.ceil(bytes / PAGE_SIZE), 0)
      const resident = all.reduce((sum, { inode }) => sum + walk.inode(kernel, inode).pages, 0)
      return [
        '------ Shared Memory Status --------',
        `segments allocated ${all.length}`,
        `pages allocated ${pages}`,
        `pages resident  ${resident}`,
        'pages swapped   0',
        'Swap performance: 0 attempts\t 0 successes',
      ]
    }
    case 'creator':
      return creators('Shared Memory Segment', 'shmid', all)
    case 'time': {
      const widths = [10, 10, 20, 20, 20]
      const rows = all.map(one => columns(widths, one.id, owner(one.uid), ...[one.attached, one.detached, one.changed].map(shortTime)))
      return [
        '------ Shared Memory Attach/Detach/Change Times --------',
        columns(widths, 'shmid', 'owner', 'attached', 'detached', 'changed'),
        ...rows,
      ]
    }
    case 'pid': {
      const rows = all.map(({ id, uid, creator, last }) => columns(TENS, id, owner(uid), creator, last))
      return ['------ Shared Memory Creator/Last-op PIDs --------', columns(TENS, 'shmid', 'owner', 'cpid', 'lpid'), ...rows]
    }
  }
  const widths = [10, 10, 10, 10, 10, 10, 12]
  const rows = all.map(({ key: name, id, uid, mode, bytes, attachments }) => {
    const amount = unit === 'human' ? `${size(bytes, unit).padStart(6)}    ` : String(bytes)
    const state = columns([6, 6], mode & SHM_DEST ? 'dest' : ' ', mode & SHM_LOCKED ? 'locked' : ' ')
    return `${columns(widths, key(name), id, owner(uid), octal(mode), amount, attachments)} ${state}`
  })
  const head = columns(widths, 'key', 'shmid', 'owner', 'perms', unit === 'human' ? 'size' : 'bytes', 'nattch', 'status')
  return ['------ Shared Memory Segments --------', head, ...rows]
}

function queues(kernel: Kernel, view: IpcsView | undefined, unit: Unit): string[] {
  const all = [...walk.queues(kernel)]
  switch (view) {
    case 'limits':
      return [
        '------ Messages Limits --------',
        `max queues system wide = ${sysctl(kernel, 'kernel.msgmni')}`,
        limit('max size of message', BigInt(sysctl(kernel, 'kernel.msgmax')), unit, 'bytes'),
        limit('default max size of queue', BigInt(sysctl(kernel, 'kernel.msgmnb')), unit, 'bytes'),
      ]
    case 'summary': {
      const bytes = all.reduce((sum, queue) => sum + queue.bytes, 0)
      const used = unit === 'default' ? `used space = ${bytes} bytes` : limit('used space', BigInt(bytes), unit, 'bytes')
      const messages = all.reduce((sum, { count }) => sum + count, 0)
      return ['------ Messages Status --------', `allocated queues = ${all.length}`, `used headers = ${messages}`, used]
    }
    case 'creator':
      return creators('Message Queues', 'msqid', all)
    case 'time': {
      const widths = [8, 10, 20, 20, 20]
      const rows = all.map(one => columns(widths, one.id, owner(one.uid), ...[one.sent, one.received, one.changed].map(shortTime)))
      return ['------ Message Queues Send/Recv/Change Times --------', columns(widths, 'msqid', 'owner', 'send', 'recv', 'change'), ...rows]
    }
    case 'pid': {
      const rows = all.map(({ id, uid, sender, receiver }) => {
        return `${columns([8, 10], id, owner(uid))}  ${String(sender).padStart(5)}     ${String(receiver).padStart(5)}`
      })
      return ['------ Message Queues PIDs --------', columns(TENS, 'msqid', 'owner', 'lspid', 'lrpid'), ...rows]
    }
  }
  const widths = [10, 10, 10, 10, 12, 12]
  const rows = all.map(({ key: name, id, uid, mode, bytes, count }) => {
    const amount = unit === 'human' ? `${size(bytes, unit).padStart(6)}      ` : String(bytes)
    return columns(widths, key(name), id, owner(uid), octal(mode), amount, count)
  })
  const head = columns(widths, 'key', 'msqid', 'owner', 'perms', unit === 'human' ? 'size' : 'used-bytes', 'messages')
  return ['------ Message Queues --------', head, ...rows]
}

function semaphores(kernel: Kernel, view: IpcsView | undefined): string[] {
  const all = [...walk.semaphoreSets(kernel)]
  switch (view) {
    case 'limits': {
      const [perSet, total, operations, sets] = sysctl(kernel, 'kernel.sem')
      return [
        '------ Semaphore Limits --------',
        `max number of arrays = ${sets}`,
        `max semaphores per array = ${perSet}`,
        `max semaphores system wide = ${total}`,
        `max ops per semop call = ${operations}`,
        `semaphore max value = ${SEMVMX}`,
      ]
    }
    case 'summary': {
      const total = all.reduce((sum, { count }) => sum + count, 0)
      return ['------ Semaphore Status --------', `used arrays = ${all.length}`, `allocated semaphores = ${total}`]
    }
    case 'creator':
      return creators('Semaphore Arrays', 'semid', all)
    case 'time': {
      const rows = all.map(({ id, uid, operated, changed }) => {
        return `${columns([8, 10], id, owner(uid))}  ${columns([26, 26], time(operated), time(changed))}`
      })
      return [
        '------ Semaphore Operation/Change Times --------',
        columns([8, 10, 26, 26], 'semid', 'owner', 'last-op', 'last-changed'),
        ...rows,
      ]
    }
    case 'pid':
      return []
  }
  const rows = all.map(({ key: name, id, uid, mode, count }) => columns(TENS, key(name), id, owner(uid), octal(mode), count))
  return ['------ Semaphore Arrays --------', columns(TENS, 'key', 'semid', 'owner', 'perms', 'nsems'), ...rows]
}

/** The object of a kind with an id. Throws a SysError EINVAL if there is none. */
function withId<Record extends { id: number }>(objects: Iterable<Record>, id: number): Record {
  for (const object of objects) if (object.id === id) return object
  throw new SysError(EINVAL, 'ipcs')
}

/** A mode as C's `%#o`. */
function modeOf(mode: number): string {
  return mode === 0 ? '0' : `0${mode.toString(8)}`
}

function shmemDetails(kernel: Kernel, id: number, unit: Unit): string[] {
  const one = withId(walk.segments(kernel), id)
  return [
    `Shared memory Segment shmid=${id}`,
    `uid=${one.uid}\tgid=${one.gid}\tcuid=${one.cuid}\tcgid=${one.cgid}`,
    `mode=${modeOf(one.mode)}\taccess_perms=${modeOf(one.mode & 0o777)}`,
    `${unit === 'human' ? 'size' : 'bytes'}=${size(one.bytes, unit)}\tlpid=${one.last}\tcpid=${one.creator}\tnattch=${one.attachments}`,
    `att_time=${time(one.attached).padEnd(26)}`,
    `det_time=${time(one.detached).padEnd(26)}`,
    `change_time=${time(one.changed).padEnd(26)}`,
  ]
}

function queueDetails(kernel: Kernel, id: number, unit: Unit): string[] {
  const one = withId(walk.queues(kernel), id)
  const prefix = unit === 'human' ? ['csize', 'qsize'] : ['cbytes', 'qbytes']
  return [
    `Message Queue msqid=${id}`,
    `uid=${one.uid}\tgid=${one.gid}\tcuid=${one.cuid}\tcgid=${one.cgid}\tmode=${modeOf(one.mode)}`,
    `${prefix[0]}=${size(one.bytes, unit)}\t${prefix[1]}=${size(one.most, unit)}\tqnum=${one.count}\tlspid=${one.sender}\tlrpid=${one.receiver}`,
    `send_time=${time(one.sent).padEnd(26)}`,
    `rcv_time=${time(one.received).padEnd(26)}`,
    `change_time=${time(one.changed).padEnd(26)}`,
  ]
}

function setDetails(kernel: Kernel, id: number): string[] {
  const one = withId(walk.semaphoreSets(kernel), id)
  const rows = Array.from(walk.semaphores(kernel, id), ({ value, forMore, forZero, pid }, index) =>
    columns(TENS, index, value, forMore, forZero, pid),
  )
  return [
    `Semaphore Array semid=${id}`,
    `uid=${one.uid}\t gid=${one.gid}\t cuid=${one.cuid}\t cgid=${one.cgid}`,
    `mode=${modeOf(one.mode)}, access_perms=${modeOf(one.mode & 0o777)}`,
    `nsems = ${one.count}`,
    `otime = ${time(one.operated).padEnd(26)}`,
    `ctime = ${time(one.changed).padEnd(26)}`,
    columns(TENS, 'semnum', 'value', 'ncount', 'zcount', 'pid'),
    ...rows,
  ]
}

function check(value: string | undefined, allowed: readonly string[], name: string): void {
  if (value !== undefined && !allowed.includes(value)) throw new TypeError(`${name} is one of ${allowed.join(', ')}, not ${shown(value)}`)
}

/** What ipcs prints. Throws a TypeError for options that there are not, a SysError EINVAL if nothing has the id. */
export function renderIpcs(kernel: Kernel, options: IpcsOptions): string {
  const { resources = RESOURCES, view, id, sizes } = known(options, ['resources', 'view', 'id', 'sizes'], "ipcs's options")
  for (const resource of resources) check(resource, RESOURCES, 'a resource')
  check(view, VIEWS, 'view')
  check(sizes, SIZES, 'sizes')
  const unit = sizes ?? 'default'
  const sections = {
    queues: () => (id === undefined ? queues(kernel, view, unit) : queueDetails(kernel, id, unit)),
    shmems: () => (id === undefined ? shmems(kernel, view, unit) : shmemDetails(kernel, id, unit)),
    semaphores: () => (id === undefined ? semaphores(kernel, view) : setDetails(kernel, id)),
  }
  if (id !== undefined) {
    whole(id, 'id')
    if (resources.length !== 1) throw new TypeError('with an id, one resource must be asked for')
  }
  const parts = RESOURCES.filter(resource => resources.includes(resource)).map(resource => [...sections[resource](), '', ''].join('\n'))
  return `\n${parts.join('')}`
}
