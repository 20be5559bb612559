// Files on disks: what is read and written, when, and what is seen of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boot, constants as C, type DiskBacking, type Machine, type Process } from 'faultline'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectBalanced } from '../machines.ts'
import { outcome } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const A = 0x10000000
const B = 0x20000000
const NAME = '/mnt/file'

const folder = mkdtempSync(join(tmpdir(), 'disk-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A page whose bytes are all the same. */
const filled = (value: number, length = PAGE): Uint8Array => new Uint8Array(length).fill(value)

/** What the host was asked to read and write, as it is told of by an interposed disk. */
interface Traffic {
  reads: number
  writes: number
  /** Whether the host fails. */
  fails: boolean
}

/** Interposes in what a machine's threads ask of the host. */
function listen(machine: Machine): Traffic {
  const { disks } = (machine.init as unknown as { kernel: { disks: Record<'read' | 'write', (...args: number[]) => number> } }).kernel
  const traffic = { reads: 0, writes: 0, fails: false }
  const [read, write] = [disks.read.bind(disks), disks.write.bind(disks)]
  disks.read = (...args) => {
    traffic.reads++
    return traffic.fails ? -5 : read(...args)
  }
  disks.write = (...args) => {
    traffic.writes++
    return traffic.fails ? -5 : write(...args)
  }
  return traffic
}

describe.each<[string, DiskBacking]>([
  ['memory', 'memory'],
  ['a file', { file: join(folder, 'disk') }],
])('a disk in %s', (_, backing) => {
  let machine: Machine
  let init: Process
  let traffic: Traffic
  let free: number
  let fd: number

  beforeEach(async () => {
    machine = await boot({ memory: '16MiB', target: 'debug' })
    init = machine.init
    machine.mount('/mnt', { type: 'disk', size: '1MiB', backing })
    traffic = listen(machine)
    free = machine.freeFrames
    fd = init.open(NAME, C.O_RDWR | C.O_CREAT, 0o600)
  })

  afterEach(async () => {
    machine.validate()
    init.munmap(0, 0x7ffffffff000)
    init.close(fd)
    init.unlink(NAME)
    expect(machine.disks[0]?.used).toBe(0)
    expectBalanced(machine, free)
    await machine.shutdown()
  })

  /** Writes pages and takes them out of memory. */
  const store = (pages: number): void => {
    for (let page = 0; page < pages; page++) init.pwrite(fd, filled(page + 1), page * PAGE)
    drop()
  }
  const drop = (): void => {
    init.posix_fadvise(fd, 0, 0, C.POSIX_FADV_DONTNEED)
    traffic.reads = traffic.writes = 0
  }
  const first = (page: number): number => init.pread(fd, 1, page * PAGE)[0] as number
  const faults = (): number => machine.vmstat.pgmajfault
  const dirty = (): number => Number(/^nr_dirty (\d+)$/m.exec(machine.proc('/proc/vmstat'))?.[1])

  it('keeps what is written in memory until it is synced', () => {
    init.pwrite(fd, filled(7, 3 * PAGE), 0)
    expect(traffic).toMatchObject({ reads: 0, writes: 0 })
    expect(dirty()).toBe(3)
    init.fsync(fd)
    expect(traffic).toMatchObject({ reads: 0, writes: 3 })
    expect(dirty()).toBe(0)
    init.fdatasync(fd)
    init.sync()
    expect(traffic.writes).toBe(3)
    expect(first(2)).toBe(7)
    expect(traffic.reads).toBe(0)
  })

  it('reads what is not in memory, once', () => {
    store(4)
    expect([first(2), first(2), first(0)]).toEqual([3, 3, 1])
    expect(traffic).toMatchObject({ reads: 2, writes: 0 })
    expect(machine.vmstat.pgpgin).toBe(8)
    expect(faults()).toBe(0)
  })

  it('reads a page before a part of it is written, but not for all of it, nor behind the end', () => {
    store(2)
    init.pwrite(fd, filled(9, 10), 100)
    expect(traffic.reads).toBe(1)
    init.pwrite(fd, filled(9), PAGE)
    init.pwrite(fd, filled(9, 10), 2 * PAGE + 100)
    expect(traffic.reads).toBe(1)
    expect([...init.pread(fd, 3, 99)]).toEqual([1, 9, 9])
    expect([...init.pread(fd, 2, 2 * PAGE + 99)]).toEqual([0, 9])
    drop()
    expect([...init.pread(fd, 3, 99)]).toEqual([1, 9, 9])
    expect([...init.pread(fd, 3, 2 * PAGE + 99)]).toEqual([0, 9, 9])
  })

  it('serves mappings: a fault that reads is a major one', () => {
    store(3)
    init.mmap(A, 3 * PAGE, C.PROT_READ, C.MAP_SHARED | C.MAP_FIXED, fd)
    expect(init.load8(A + PAGE)).toBe(2)
    expect(faults()).toBe(1)
    expect(init.load8(A + PAGE + 1)).toBe(2)
    expect(first(2)).toBe(3)
    // it is there now
    expect(init.load8(A + 2 * PAGE)).toBe(3)
    expect(faults()).toBe(1)
  })

  it('notes the first store by way of each shared mapping since the page was written back', () => {
    store(1)
    init.mmap(A, PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, fd)
    init.mmap(B, PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, fd)
    expect(init.load8(A)).toBe(1)
    expect(dirty()).toBe(0)
    machine.validate()
    init.store8(A, 50)
    expect(dirty()).toBe(1)
    machine.validate()
    expect(init.load8(B)).toBe(50)
    init.store8(B, 51)
    init.fsync(fd)
    expect([dirty(), traffic.writes]).toEqual([0, 1])
    machine.validate()
    for (const at of [A, B]) {
      init.store8(at, 60)
      expect(dirty()).toBe(1)
      init.msync(at, PAGE, C.MS_SYNC)
      expect(dirty()).toBe(0)
    }
    init.munmap(A, PAGE)
    init.munmap(B, PAGE)
    drop()
    expect(first(0)).toBe(60)
  })

  it('writes a page that is only mapped, whose first access is a store', () => {
    store(1)
    init.mmap(A, PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, fd)
    init.store8(A + 5, 99)
    expect(faults()).toBe(1)
    expect(dirty()).toBe(1)
    init.munmap(A, PAGE)
    expect(dirty()).toBe(1)
    drop()
    expect([...init.pread(fd, 2, 4)]).toEqual([1, 99])
  })

  it('leaves the file alone where private mappings write', () => {
    store(1)
    init.mmap(A, PAGE, RW, C.MAP_PRIVATE | C.MAP_FIXED, fd)
    init.store8(A, 99)
    expect([init.load8(A), first(0), dirty()]).toEqual([99, 1, 0])
    const child = init.fork()
    expect(child.load8(A)).toBe(99)
    child.exit(0)
    init.wait()
  })

  it('has holes, which take no block and read as zeros', () => {
    init.pwrite(fd, filled(5), 4 * PAGE)
    expect(init.fstat(fd)).toMatchObject({ size: 5 * PAGE, blocks: 8 })
    expect(first(1)).toBe(0)
    init.mmap(A, 5 * PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, fd)
    expect(init.load8(A + 2 * PAGE)).toBe(0)
    expect(traffic.reads).toBe(0)
    expect(init.fstat(fd).blocks).toBe(8)
    init.store8(A + 3 * PAGE, 4)
    expect(init.fstat(fd).blocks).toBe(16)
    expect(init.lseek(fd, 0, C.SEEK_DATA)).toBe(3 * PAGE)
    expect(init.lseek(fd, 3 * PAGE, C.SEEK_HOLE)).toBe(5 * PAGE)
    expect(init.lseek(fd, 0, C.SEEK_HOLE)).toBe(0)
  })

  it('allocates, which reads as zeros, and punches', () => {
    init.fallocate(fd, 0, 0, 3 * PAGE)
    expect(init.fstat(fd)).toMatchObject({ size: 3 * PAGE, blocks: 24 })
    expect(first(1)).toBe(0)
    init.pwrite(fd, filled(8, 3 * PAGE), 0)
    init.fsync(fd)
    init.fallocate(fd, C.FALLOC_FL_KEEP_SIZE | C.FALLOC_FL_PUNCH_HOLE, PAGE, PAGE)
    expect(init.fstat(fd).blocks).toBe(16)
    drop()
    expect([first(0), first(1), first(2)]).toEqual([8, 0, 8])
    // the block that was given back is taken again, and shows nothing of what was in it
    init.pwrite(fd, filled(1, 1), PAGE)
    drop()
    expect([...init.pread(fd, 2, PAGE)]).toEqual([1, 0])
  })

  it('cuts: what was behind the end is gone, in memory or not', () => {
    for (const cached of [true, false]) {
      init.pwrite(fd, filled(8, 3 * PAGE), 0)
      if (!cached) drop()
      init.ftruncate(fd, PAGE + 10)
      init.ftruncate(fd, 3 * PAGE)
      expect(init.fstat(fd).blocks).toBe(16)
      expect([...init.pread(fd, 2, PAGE + 9)]).toEqual([8, 0])
      drop()
      expect([...init.pread(fd, 2, PAGE + 9)]).toEqual([8, 0])
      expect(first(2)).toBe(0)
      init.ftruncate(fd, 0)
    }
  })

  it('shows nothing of what a mapping wrote behind the end', () => {
    init.pwrite(fd, filled(7, 10), 0)
    init.mmap(A, PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, fd)
    init.store8(A + 100, 1)
    expect(init.load8(A + 100)).toBe(1)
    init.ftruncate(fd, 2 * PAGE)
    expect(init.load8(A + 100)).toBe(0)
    init.ftruncate(fd, 10)
    init.store8(A + 100, 1)
    init.pwrite(fd, filled(8, 1), 50)
    // it is behind the end still
    expect(init.load8(A + 100)).toBe(1)
    init.pwrite(fd, filled(8, 1), 200)
    expect([init.load8(A + 9), init.load8(A + 50), init.load8(A + 100), init.load8(A + 200)]).toEqual([7, 8, 0, 8])
    init.store8(A + 300, 1)
    init.fsync(fd)
    expect(init.load8(A + 300)).toBe(0)
  })

  it('is full at some time: ENOSPC in a call, SIGBUS in a store', () => {
    expect(outcome(() => init.fallocate(fd, 0, 0, 257 * PAGE))).toBe('ENOSPC')
    init.fallocate(fd, 0, 0, 256 * PAGE)
    const other = init.open('/mnt/other', C.O_RDWR | C.O_CREAT, 0o600)
    expect(outcome(() => init.pwrite(other, filled(1), 0))).toBe('ENOSPC')
    init.ftruncate(other, PAGE)
    init.mmap(A, PAGE, RW, C.MAP_SHARED | C.MAP_FIXED, other)
    expect(init.load8(A)).toBe(0)
    expect(outcome(() => init.store8(A, 1))).toBe('BUS_ADRERR')
    init.ftruncate(fd, 255 * PAGE)
    init.store8(A, 1)
    init.munmap(A, PAGE)
    init.close(other)
    init.unlink('/mnt/other')
  })

  it('tells of errors: EIO of a read, SIGBUS of a fault, and once of what could not be written', () => {
    store(2)
    const other = init.open(NAME, C.O_RDWR)
    init.mmap(A, PAGE, C.PROT_READ, C.MAP_SHARED | C.MAP_FIXED, fd)
    traffic.fails = true
    expect(outcome(() => init.pread(fd, 1, 0))).toBe('EIO')
    expect(outcome(() => init.load8(A))).toBe('BUS_ADRERR')
    expect(outcome(() => init.pwrite(fd, filled(1, 1), PAGE))).toBe('EIO')
    init.pwrite(fd, filled(3), PAGE)
    expect(outcome(() => init.fsync(fd))).toBe('EIO')
    traffic.fails = false
    expect(outcome(() => init.fsync(fd))).toBe(undefined)
    expect(outcome(() => init.msync(A, PAGE, C.MS_SYNC))).toBe(undefined)
    // whoever had the file open then is told, too; who opens it now is not
    expect(outcome(() => init.fsync(other))).toBe('EIO')
    init.close(other)
    const late = init.open(NAME, C.O_RDWR)
    expect(outcome(() => init.fsync(late))).toBe(undefined)
    init.close(late)
    expect(init.load8(A)).toBe(1)
  })

  it('goes on with what a child or another name of a descriptor does', () => {
    const child = init.fork()
    child.pwrite(fd, filled(4), 0)
    child.exit(0)
    init.wait()
    expect(first(0)).toBe(4)
    expect(traffic.writes).toBe(0)
  })

  it('reads a range ahead when told to', () => {
    store(4)
    init.posix_fadvise(fd, PAGE, 2 * PAGE, C.POSIX_FADV_WILLNEED)
    expect(traffic.reads).toBe(2)
    init.mmap(A, 4 * PAGE, C.PROT_READ, C.MAP_SHARED | C.MAP_FIXED, fd)
    expect([...init.mincore(A, 4 * PAGE)]).toEqual([0, 1, 1, 0])
    init.madvise(A, 4 * PAGE, C.MADV_WILLNEED)
    expect([...init.mincore(A, 4 * PAGE)]).toEqual([1, 1, 1, 1])
    expect(faults()).toBe(0)
    // what is mapped stays, and what is only partly meant
    expect(init.load8(A)).toBe(1)
    init.posix_fadvise(fd, 0, 3 * PAGE + 1, C.POSIX_FADV_DONTNEED)
    expect([...init.mincore(A, 4 * PAGE)]).toEqual([1, 1, 1, 1])
    init.munmap(A, 4 * PAGE)
    init.posix_fadvise(fd, PAGE + 1, 2 * PAGE, C.POSIX_FADV_DONTNEED)
    init.mmap(A, 4 * PAGE, C.PROT_READ, C.MAP_SHARED | C.MAP_FIXED, fd)
    expect([...init.mincore(A, 4 * PAGE)]).toEqual([1, 1, 0, 1])
  })
})

describe('mounting', () => {
  it('takes what makes sense', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const mount = (path: string, backing?: unknown, size: number | string = '1MiB'): unknown =>
      outcome(() => machine.mount(path, { type: 'disk', size, ...(backing !== undefined && { backing: backing as DiskBacking }) }))
    expect(mount('/mnt')).toBe(undefined)
    expect(mount('/mnt')).toBe('EBUSY')
    expect(mount('/')).toBe('EBUSY')
    expect(mount('/dev/zero')).toBe('ENOTDIR')
    expect(mount('/a/b')).toBe('ENOENT')
    expect(mount('/a', undefined, 0)).toBe('EINVAL')
    expect(mount('/a', undefined, '128GiB')).toBe('EINVAL')
    expect(mount('/a', 'none')).toBe('EINVAL')
    expect(() => machine.mount('/a', { type: 'disk' } as never)).toThrow(/^size must be given/)
    expect(() => machine.mount('/a', { type: 'tmpfs' as 'disk', size: 1 })).toThrow(TypeError)
    expect(() => machine.mount('/a', { type: 'disk', size: '1MiB', backing: 'disk' as 'none' })).toThrow(TypeError)
    const file = join(folder, 'mounted')
    expect(mount('/a', { file })).toBe(undefined)
    expect(mount('/b', { file })).toBe('EEXIST')
    const foreign = join(folder, 'foreign')
    writeFileSync(foreign, 'a letter')
    expect(mount('/b', { file: foreign })).toBe('EINVAL')
    expect(readFileSync(foreign, 'utf8')).toBe('a letter')
    expect(mount('/b', { file: folder })).toBe('EISDIR')
    for (let index = 2; index < 8; index++) expect(mount(`/mnt/${index}`)).toBe(undefined)
    expect(mount('/c')).toBe('ENOSPC')
    expect(machine.disks.map(({ source, type }) => `${source} ${type}`).slice(0, 3)).toEqual([
      '/dev/ram0 memory',
      `${file} file`,
      '/dev/ram2 memory',
    ])
    machine.validate()
    await machine.shutdown()
  })

  it('is kept by a snapshot, with all that is on the disk, unless that is in a file', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    machine.mount('/mnt', { type: 'disk', size: '1MiB' })
    machine.swapon({ size: '1MiB' })
    machine.mount('/other', { type: 'disk', size: '1MiB' })
    const fd = machine.init.open('/other/file', C.O_RDWR | C.O_CREAT, 0o600)
    machine.init.pwrite(fd, filled(9), PAGE)
    machine.init.posix_fadvise(fd, 0, 0, C.POSIX_FADV_DONTNEED)
    const restored = await boot({ snapshot: machine.snapshot() })
    expect(restored.init.pread(fd, 1, PAGE)[0]).toBe(9)
    restored.validate()
    machine.mount('/third', { type: 'disk', size: '1MiB', backing: { file: join(folder, 'third') } })
    expect(outcome(() => machine.snapshot())).toBe('EBUSY')
    await machine.shutdown()
    await restored.shutdown()
  })

  it('needs no bytes in a machine without contents', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug', contents: false })
    machine.mount('/mnt', { type: 'disk', size: '1GiB', backing: 'none' })
    const fd = machine.init.open('/mnt/file', C.O_RDWR | C.O_CREAT, 0o600)
    machine.init.pwrite(fd, filled(9), PAGE)
    machine.init.posix_fadvise(fd, 0, 0, C.POSIX_FADV_DONTNEED)
    expect(machine.vmstat.pgpgout).toBe(4)
    expect(machine.init.pread(fd, 1, PAGE)[0]).toBe(0)
    expect(machine.vmstat.pgpgin).toBe(4)
    await machine.shutdown()
  })
})
