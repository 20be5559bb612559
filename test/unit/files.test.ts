import { boot, constants as C, FaultError, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { expectBalanced, onMachines } from '../machines.ts'
import { codeOf } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const text = (string: string): Uint8Array => new TextEncoder().encode(string)

let machine: Machine
let p: Process

onMachines(
  booted => {
    machine = booted
    p = machine.init
  },
  {
    undo: () => {
      for (let fd = 0; fd < 64; fd++) codeOf(() => p.close(fd))
      for (const name of ['a', 'b', 'c']) codeOf(() => p.shm_unlink(name))
      while (codeOf(() => p.wait()) === undefined) {}
    },
    memory: '8MiB',
  },
)

/** A new file of so many bytes. */
function newFile(bytes: number, name = 'a'): number {
  const fd = p.shm_open(name, C.O_CREAT | C.O_RDWR, 0o600)
  p.ftruncate(fd, bytes)
  return fd
}

describe('a file', () => {
  it('is made, found, read, written and removed by its name', () => {
    const fd = p.open('/dev/shm/a', C.O_CREAT | C.O_EXCL | C.O_RDWR, 0o666)
    expect(p.pwrite(fd, text('hello'), 3)).toBe(5)
    expect(p.pread(fd, 100, 0)).toEqual(Uint8Array.of(0, 0, 0, ...text('hello')))
    expect(p.fstat(fd)).toMatchObject({ mode: 0o100644, nlink: 1, uid: 0, size: 8, blocks: 8, blksize: PAGE })
    expect(p.stat('/dev/shm/a').ino).toBe(p.fstat(fd).ino)
    const again = p.open('/dev/shm//./a', C.O_RDONLY)
    expect(p.pread(again, 5, 3)).toEqual(text('hello'))
    p.unlink('/dev/shm/a')
    expect(codeOf(() => p.stat('/dev/shm/a'))).toBe('ENOENT')
    expect(p.fstat(again).nlink).toBe(0)
    expect(p.pread(again, 5, 3)).toEqual(text('hello'))
  })

  it('is mapped shared: its pages are the ones that reads and writes see', () => {
    const fd = newFile(2 * PAGE)
    const at = p.mmap(0, 2 * PAGE, RW, C.MAP_SHARED, fd, 0)
    p.pwrite(fd, text('file'), PAGE - 2)
    expect(p.read(at + PAGE - 2, 4)).toEqual(text('file'))
    p.write(at, text('memory'))
    expect(p.pread(fd, 6, 0)).toEqual(text('memory'))
    const second = p.mmap(0, PAGE, C.PROT_READ, C.MAP_SHARED, fd, PAGE)
    expect(p.frameOf(second)).toBeUndefined()
    expect(p.load8(second)).toBe('l'.charCodeAt(0))
    expect(p.frameOf(second)).toBe(p.frameOf(at + PAGE))
    p.close(fd)
    p.shm_unlink('a')
    expect(p.read(at, 6)).toEqual(text('memory'))
  })

  it('is mapped privately: its own frames until a write copies one, which file and others never see', () => {
    const fd = newFile(2 * PAGE)
    p.pwrite(fd, text('old'), 0)
    const at = p.mmap(0, 2 * PAGE, RW, C.MAP_PRIVATE, fd, 0)
    const shared = p.mmap(0, 2 * PAGE, C.PROT_READ, C.MAP_SHARED, fd, 0)
    expect(p.read(at, 3)).toEqual(text('old'))
    p.load8(shared)
    expect(p.frameOf(at)).toBe(p.frameOf(shared))
    p.pwrite(fd, text('new'), 0)
    expect(p.read(at, 3)).toEqual(text('new'))
    p.write(at, text('own'))
    expect(p.frameOf(at)).not.toBe(p.frameOf(shared))
    p.pwrite(fd, text('end'), 0)
    expect([p.read(at, 3), p.pread(fd, 3, 0)]).toEqual([text('own'), text('end')])
    p.store8(at + PAGE, 7)
    expect(p.pread(fd, 1, PAGE)).toEqual(Uint8Array.of(0))
  })

  it('ends with SIGBUS, wherever its end is', () => {
    const fd = newFile(PAGE + 1)
    const at = p.mmap(0, 4 * PAGE, RW, C.MAP_SHARED, fd, 0)
    p.store8(at + 2 * PAGE - 1, 1)
    expect(() => p.load8(at + 2 * PAGE)).toThrow(FaultError)
    expect(codeOf(() => p.load8(at + 2 * PAGE))).toBe('BUS_ADRERR')
    p.ftruncate(fd, 4 * PAGE)
    p.store8(at + 3 * PAGE, 5)
    p.ftruncate(fd, 0)
    for (let page = 0; page < 4; page++) expect(codeOf(() => p.store8(at + page * PAGE, 1))).toBe('BUS_ADRERR')
    expect(p.fstat(fd)).toMatchObject({ size: 0, blocks: 0 })
  })

  it('loses private copies when it is truncated, not when a hole is punched', () => {
    const fd = newFile(2 * PAGE)
    const at = p.mmap(0, 2 * PAGE, RW, C.MAP_PRIVATE, fd, 0)
    p.store8(at, 1)
    p.store8(at + PAGE, 2)
    p.fallocate(fd, C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE, 0, 2 * PAGE)
    expect([p.load8(at), p.load8(at + PAGE), p.fstat(fd).blocks]).toEqual([1, 2, 0])
    p.ftruncate(fd, PAGE)
    expect([p.load8(at), codeOf(() => p.load8(at + PAGE))]).toEqual([1, 'BUS_ADRERR'])
  })

  it('is zeros behind an end that moves back and forth, but for what a mapping wrote there', () => {
    const fd = newFile(100)
    const at = p.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0)
    p.pwrite(fd, new Uint8Array(100).fill(1), 0)
    p.ftruncate(fd, 50)
    expect(p.load8(at + 60)).toBe(0)
    p.store8(at + 60, 7)
    p.ftruncate(fd, 100)
    expect(p.pread(fd, 2, 60)).toEqual(Uint8Array.of(7, 0))
  })

  it('has no page behind the last that can be, so that none outlives its truncation', () => {
    const fd = newFile(0)
    p.ftruncate(fd, 2 ** 45)
    const at = p.mmap(0, 2 * PAGE, RW, C.MAP_SHARED, fd, 2 ** 44 - 2 * PAGE)
    p.store8(at, 1)
    expect(codeOf(() => p.store8(at + PAGE, 1))).toBe('BUS_ADRERR')
    expect(p.lseek(fd, 0, C.SEEK_DATA)).toBe(2 ** 44 - 2 * PAGE)
    p.ftruncate(fd, 0)
    p.ftruncate(fd, 2 ** 45)
    expect(p.mincore(at, 2 * PAGE)).toEqual(new Uint8Array(2))
    expect(codeOf(() => p.lseek(fd, 0, C.SEEK_DATA))).toBe('ENXIO')
  })

  it('whose only page stands far behind its beginning leaves nothing behind', () => {
    for (const page of [1, 64, 100, 4096, 2 ** 20, 2 ** 32 - 2]) {
      const fd = newFile(0)
      p.pwrite(fd, text('x'), page * PAGE)
      machine.validate()
      p.ftruncate(fd, 0)
      machine.validate()
      p.close(fd)
    }
  })

  it('opens for what its flags say, and no more', () => {
    const fd = newFile(100)
    const neither = p.open('/dev/shm/a', C.O_ACCMODE)
    expect([codeOf(() => p.pread(neither, 1, 0)), codeOf(() => p.pwrite(neither, text('x'), 0))]).toEqual(['EBADF', 'EBADF'])
    const path = p.open('/dev/shm/a', C.O_PATH | C.O_TRUNC)
    expect([p.fstat(path).size, codeOf(() => p.lseek(path, 0, C.SEEK_SET)), codeOf(() => p.fchmod(path, 0))]).toEqual([
      100,
      'EBADF',
      'EBADF',
    ])
    expect([p.fcntl(path, C.F_GETFL), codeOf(() => p.fcntl(path, C.F_SETFL, 0)), p.dup(path)]).toEqual([C.O_PATH, 'EBADF', 3])
    const reading = p.open('/dev/shm/a', C.O_RDONLY)
    expect([codeOf(() => p.ftruncate(reading, 0)), codeOf(() => p.fallocate(reading, 0, 0, 1))]).toEqual(['EINVAL', 'EBADF'])
    expect(codeOf(() => p.mmap(0, PAGE, RW, C.MAP_SHARED, reading, 0))).toBe('EACCES')
    const at = p.mmap(0, PAGE, C.PROT_READ, C.MAP_SHARED, reading, 0)
    expect(codeOf(() => p.mprotect(at, PAGE, RW))).toBe('EACCES')
    p.store8(p.mmap(0, PAGE, RW, C.MAP_PRIVATE, reading, 0), 1)
    const writing = p.open('/dev/shm/a', C.O_WRONLY)
    expect(codeOf(() => p.mmap(0, PAGE, C.PROT_WRITE, C.MAP_SHARED, writing, 0))).toBe('EACCES')
    // whoever may write it may cut it, whatever it was opened for
    p.open('/dev/shm/a', C.O_RDONLY | C.O_TRUNC)
    expect(p.fstat(fd).size).toBe(0)
  })

  it('may be far larger than memory, and is a hole from 16 TiB on', () => {
    const fd = newFile(2 ** 50)
    const at = p.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 2 ** 49)
    expect(codeOf(() => p.load8(at))).toBe('BUS_ADRERR')
    expect(codeOf(() => p.pwrite(fd, text('x'), 2 ** 49))).toBe('EFBIG')
    expect(p.pread(fd, 1, 2 ** 49)).toEqual(Uint8Array.of(0))
    expect(p.pwrite(fd, text('x'), 2 ** 44 - 2 * PAGE)).toBe(1)
    expect([p.lseek(fd, 0, C.SEEK_DATA), p.lseek(fd, 2 ** 44 - 2 * PAGE, C.SEEK_HOLE)]).toEqual([2 ** 44 - 2 * PAGE, 2 ** 44 - PAGE])
    expect([codeOf(() => p.lseek(fd, 2 ** 49, C.SEEK_DATA)), p.lseek(fd, 2 ** 49, C.SEEK_HOLE)]).toEqual(['ENXIO', 2 ** 49])
    p.fallocate(fd, C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE, 0, 2 ** 50)
    expect(p.fstat(fd)).toMatchObject({ size: 2 ** 50, blocks: 0 })
    p.ftruncate(fd, 2 ** 53)
    p.ftruncate(fd, 5)
  })

  it('has holes, found by page, and reserved pages that are holes until used', () => {
    const fd = newFile(5 * PAGE)
    p.pwrite(fd, text('x'), PAGE)
    p.fallocate(fd, 0, 3 * PAGE, PAGE)
    const seek = (offset: number, whence: number): number | string | undefined => {
      let at = 0
      return (
        codeOf(() => {
          at = p.lseek(fd, offset, whence)
        }) ?? at
      )
    }
    expect([seek(0, C.SEEK_DATA), seek(PAGE + 5, C.SEEK_DATA), seek(2 * PAGE, C.SEEK_DATA)]).toEqual([PAGE, PAGE + 5, 'ENXIO'])
    expect([seek(0, C.SEEK_HOLE), seek(PAGE, C.SEEK_HOLE), seek(5 * PAGE, C.SEEK_HOLE)]).toEqual([0, 2 * PAGE, 'ENXIO'])
    expect(p.fstat(fd).blocks).toBe(16)
    p.load8(p.mmap(0, PAGE, C.PROT_READ, C.MAP_SHARED, fd, 3 * PAGE))
    expect([seek(2 * PAGE, C.SEEK_DATA), seek(3 * PAGE, C.SEEK_HOLE)]).toEqual([3 * PAGE, 4 * PAGE])
    expect([seek(-1, C.SEEK_DATA), seek(-1, C.SEEK_SET), seek(0, 5)]).toEqual(['ENXIO', 'EINVAL', 'EINVAL'])
    expect([seek(7, C.SEEK_SET), seek(-2, C.SEEK_CUR), seek(1, C.SEEK_END)]).toEqual([7, 5, 5 * PAGE + 1])
  })
})

describe('/dev/shm', () => {
  it('has half of memory, or what it is given: then writing is ENOSPC, and a fault SIGBUS', async () => {
    const small = await boot({ memory: '8MiB', target: 'debug', shm: { size: '17KiB', inodes: 3 } })
    const { init } = small
    const free = small.freeFrames
    const fd = init.shm_open('/a', C.O_CREAT | C.O_RDWR, 0o600)
    expect(init.pwrite(fd, new Uint8Array(7 * PAGE), 0)).toBe(5 * PAGE)
    expect(codeOf(() => init.pwrite(fd, text('x'), 5 * PAGE))).toBe('ENOSPC')
    expect(codeOf(() => init.fallocate(fd, 0, 4 * PAGE, 3 * PAGE))).toBe('ENOSPC')
    expect(init.fstat(fd)).toMatchObject({ size: 5 * PAGE, blocks: 40 })
    init.ftruncate(fd, 9 * PAGE)
    const at = init.mmap(0, 9 * PAGE, RW, C.MAP_SHARED, fd, 0)
    init.store8(at + PAGE, 1)
    expect(codeOf(() => init.store8(at + 6 * PAGE, 1))).toBe('BUS_ADRERR')
    init.fallocate(fd, C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE, 0, 2 * PAGE)
    init.store8(at + 6 * PAGE, 1)
    const memfd = init.memfd_create('not there', 0)
    expect(init.pwrite(memfd, new Uint8Array(7 * PAGE), 0)).toBe(7 * PAGE)
    init.close(init.shm_open('/b', C.O_CREAT | C.O_RDWR, 0o600))
    expect(codeOf(() => init.shm_open('/c', C.O_CREAT | C.O_RDWR, 0o600))).toBe('ENOSPC')
    init.shm_unlink('/b')
    expect(init.shm_open('/c', C.O_CREAT | C.O_RDWR, 0o600)).toBe(2)
    small.validate()
    for (const open of [fd, memfd, 2]) init.close(open)
    init.munmap(at, 9 * PAGE)
    init.shm_unlink('/a')
    init.shm_unlink('/c')
    expectBalanced(small, free)
    await expect(boot({ memory: '8MiB', shm: { inodes: -2 } })).rejects.toThrow(RangeError)
    await expect(boot({ memory: '8MiB', shm: { size: 'half' } })).rejects.toThrow(TypeError)
  })

  it('gives back what an fallocate that failed had reserved', async () => {
    const small = await boot({ memory: '8MiB', target: 'debug', shm: { size: 4 * PAGE } })
    const { init } = small
    const fd = init.shm_open('/a', C.O_CREAT | C.O_RDWR, 0o600)
    init.pwrite(fd, text('x'), 5 * PAGE)
    expect(codeOf(() => init.fallocate(fd, 0, 0, 4 * PAGE))).toBe('ENOSPC')
    expect(init.fstat(fd)).toMatchObject({ size: 5 * PAGE + 1, blocks: 8 })
    small.validate()
  })

  it('is a directory among others, in which each name counts', () => {
    expect(p.stat('/dev/shm')).toMatchObject({ mode: 0o041777, nlink: 2, size: 40, blocks: 0 })
    newFile(0)
    expect(p.stat('/dev/shm/').size).toBe(60)
    expect(p.stat('/dev/shm/..').ino).toBe(p.stat('/dev').ino)
    expect(p.stat('/..').ino).toBe(p.stat('/').ino)
    expect(p.stat('/dev').nlink).toBe(3)
    expect(codeOf(() => p.open('/dev/shm', C.O_RDWR))).toBe('EISDIR')
    const fd = p.open('/dev/shm', C.O_RDONLY | C.O_DIRECTORY)
    expect([codeOf(() => p.pread(fd, 1, 0)), codeOf(() => p.mmap(0, PAGE, C.PROT_READ, C.MAP_PRIVATE, fd, 0))]).toEqual([
      'EISDIR',
      'ENODEV',
    ])
    const unnamed = p.open('/dev/shm', C.O_TMPFILE | C.O_RDWR, 0o600)
    expect([p.fstat(unnamed).nlink, p.stat('/dev/shm').size]).toEqual([0, 60])
    const long = 'n'.repeat(255)
    p.close(p.open(`/dev/shm/${long}`, C.O_CREAT | C.O_RDWR, 0o600))
    machine.validate()
    p.unlink(`/dev/shm/${long}`)
    expect(codeOf(() => p.open(`/dev/shm/${long}n`, C.O_CREAT, 0o600))).toBe('ENAMETOOLONG')
    expect(codeOf(() => p.stat('/'.repeat(4096)))).toBe('ENAMETOOLONG')
    expect(p.stat('/'.repeat(4095)).ino).toBe(p.stat('/').ino)
    expect(() => p.open('a\0b', 0)).toThrow(TypeError)
  })
})

describe('/dev/zero', () => {
  it('is zeros to read, a hole to write, and memory to map', () => {
    const fd = p.open('/dev/zero', C.O_RDWR)
    expect([p.pread(fd, 3, 9), p.pwrite(fd, text('gone'), 0), p.lseek(fd, 9, C.SEEK_SET)]).toEqual([new Uint8Array(3), 4, 0])
    const stat = p.fstat(fd)
    expect([stat.mode, stat.rdev]).toEqual([0o020666, 0x105])
    expect(codeOf(() => p.ftruncate(fd, 0))).toBe('EINVAL')
    expect(codeOf(() => p.fallocate(fd, 0, 0, 1))).toBe('ENODEV')
    expect(codeOf(() => p.fcntl(fd, C.F_GET_SEALS))).toBe('EINVAL')
    const shared = p.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0)
    const own = p.mmap(0, PAGE, RW, C.MAP_PRIVATE, fd, 0)
    const child = p.fork()
    child.store8(shared, 1)
    child.store8(own, 1)
    expect([p.load8(shared), p.load8(own)]).toEqual([1, 0])
    child.exit(0)
  })
})
