// What the file system at /dev/shm may hold, and mounting disks.
import { DISK_BLOCK_BITS, DISK_FILE, DISK_MEMORY, DISK_NONE } from '../abi/disk.gen.js'
import { EEXIST, EINVAL, EIO, ENOENT, ENOMEM, ENOSPC } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { BUFFER_SIZE, PAGE_SIZE } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { DiskOrderLayout, MountIndex } from '../core/layout.gen.js'
import { builtin } from '../host/builtin.js'
import { options as known, shown, whole } from './arguments.js'
import { disks } from './disks.js'
import { parseSize } from './size.js'
import { reserveStore } from './swap.js'

/** Limits of the tmpfs at /dev/shm, as mount(8) takes them; half of memory, and an inode for each such page, unless given. */
export interface ShmMountOptions {
  /** The most that files hold: bytes, or a number with KiB, MiB or GiB, rounded up to pages; 0 for no limit. */
  size?: number | string
  /** The most files and directories, the root among them; 0 for no limit. */
  inodes?: number
}

/** Leaves a limit as it is. */
const SAME = -1

/** Sets the limits of /dev/shm that are given. Throws a TypeError or a RangeError if one is no limit. */
export function limitShm(kernel: Kernel, { size, inodes }: ShmMountOptions): void {
  const limits = {
    size: size === undefined ? SAME : Math.ceil(parseSize(size) / PAGE_SIZE),
    inodes: inodes === undefined ? SAME : whole(inodes, 'shm.inodes'),
  }
  for (const [name, value] of Object.entries(limits)) {
    if (value < SAME || value >= 2 ** 32 - 1) throw new RangeError(`shm.${name} is out of range`)
  }
  // a new machine's holds no page and one inode, its root
  kernel.exports.mount_limit(MountIndex.Shm, limits.size, limits.inodes)
}

/** Where a disk's blocks are. */
export type DiskBacking = 'memory' | 'none' | { file: string }

/** What is to be mounted. */
export interface MountOptions {
  /** A file system whose files have a home beside memory; their pages are its cache. There is no other type. */
  type: 'disk'
  /** How much its files may hold: bytes, or a number with KiB, MiB or GiB, of which whole pages count; below 128 GiB. */
  size: number | string
  /**
   * Where its blocks are: `memory` of the host, unless given, 4 GiB at most with swap areas there; a file of the host's, in Node, made if there is
   * none; or nowhere, `none`, in machines without contents.
   */
  backing?: DiskBacking
}

/** First bytes of a file that holds a disk. */
const MAGIC = new TextEncoder().encode('FAULTLINE DISK 1')
/** The most blocks, the header included. */
const MAX_BLOCKS = 2 ** DISK_BLOCK_BITS

const ALREADY = 'the file is mounted already'

function failure(errno: number, reason: string, path?: string): SysError {
  return new SysError(errno, 'mount', path, reason)
}

/** Makes the file of a disk, or takes one over that held one before. Returns its path. Throws a SysError. */
function prepareFile(kernel: Kernel, file: string, blocks: number): string {
  const fs = builtin('node:fs', 'a disk in a file')
  try {
    if (fs.existsSync(file) && disks(kernel).some(({ source }) => source === fs.realpathSync(file))) throw failure(EEXIST, ALREADY, file)
    const fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600)
    try {
      if (!fs.fstatSync(fd).isFile()) throw failure(EINVAL, 'it is no file', file)
      const head = new Uint8Array(MAGIC.length)
      const length = fs.readSync(fd, head, 0, head.length, 0)
      if (length > 0 && !MAGIC.every((byte, index) => head[index] === byte))
        throw failure(EINVAL, 'the file holds something else, and is left as it is', file)
      fs.writeSync(fd, MAGIC, 0, MAGIC.length, 0)
      fs.ftruncateSync(fd, blocks * PAGE_SIZE)
    } finally {
      fs.closeSync(fd)
    }
    return fs.realpathSync(file)
  } catch (error) {
    const { errno = -EIO } = error as NodeJS.ErrnoException
    throw error instanceof SysError ? error : failure(Math.abs(errno), (error as Error).message, file)
  }
}

/** The number of a backing, and the name of a disk with it. */
function prepare(kernel: Kernel, backing: DiskBacking, blocks: number): { kind: number; source: string } {
  if (typeof backing === 'object' && backing !== null && typeof backing.file === 'string')
    return { kind: DISK_FILE, source: prepareFile(kernel, backing.file, blocks) }
  if (backing !== 'memory' && backing !== 'none')
    throw new TypeError(`backing must be 'memory', 'none' or { file: path }, not ${shown(backing)}`)
  if (backing === 'none' && kernel.hasContents)
    throw failure(EINVAL, "pages with contents must go somewhere: 'none' is for machines without")
  return { kind: backing === 'memory' ? DISK_MEMORY : DISK_NONE, source: `/dev/ram${disks(kernel).length}` }
}

/** Why a disk is not mounted. */
function refusal(errno: number): string | undefined {
  if (errno === EEXIST) return ALREADY
  if (errno === ENOSPC) return 'there are as many disks as there can be'
  if (errno === ENOMEM) return 'the machine has no memory for the map of its blocks'
  return errno === ENOENT ? 'only the last directory of a path is made' : undefined
}

/** Mounts an empty disk on a directory, which is made if there is none. Throws a SysError, a TypeError or a RangeError. */
export function mountDisk(kernel: Kernel, path: string, options: MountOptions): void {
  const { type, size, backing = 'memory' } = known(options, ['type', 'size', 'backing'], "mount's options")
  if (type !== 'disk') throw new TypeError(`type must be 'disk', not ${shown(type)}`)
  if (typeof path !== 'string' || path.includes('\0')) throw new TypeError(`a path is a string without NUL, not ${shown(path)}`)
  if (size === undefined) throw new TypeError("size must be given, such as '64MiB'")
  // the first holds what it is
  const blocks = Math.floor(parseSize(size) / PAGE_SIZE) + 1
  if (blocks < 2 || blocks > MAX_BLOCKS) throw failure(EINVAL, `a disk has 1 to ${MAX_BLOCKS - 1} pages`)
  const { kind, source } = prepare(kernel, backing, blocks)
  const base = kind === DISK_MEMORY && kernel.hasContents ? reserveStore(kernel, blocks, 'mount') : 0
  const [point, name] = [path, source].map(text => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array]
  if (DiskOrderLayout.SIZE + point.length + name.length > BUFFER_SIZE) throw failure(EINVAL, 'the paths are too long', path)
  const { buffer, view } = kernel
  const order = { backing: kind, blocks, base, pathLength: point.length, nameLength: name.length }
  for (const [field, value] of Object.entries(order)) view.setUint32(buffer + DiskOrderLayout[field as keyof typeof order], value, true)
  const bytes = new Uint8Array(kernel.memory.buffer)
  bytes.set(point, buffer + DiskOrderLayout.SIZE)
  bytes.set(name, buffer + DiskOrderLayout.SIZE + point.length)
  const error = kernel.exports.disk_mount()
  if (error < 0) throw new SysError(-error, 'mount', path, refusal(-error))
}
