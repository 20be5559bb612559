import { constants as C, type Machine, type Process } from 'faultline'
import { describe, expect, it } from 'vitest'
import { onMachines } from '../machines.ts'
import { codeOf } from '../outcome.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE

let machine: Machine
let p: Process

onMachines(
  booted => {
    machine = booted
    p = machine.init
  },
  {
    undo: () => {
      for (let fd = 0; fd < 16; fd++) codeOf(() => p.close(fd))
      codeOf(() => p.unlink('/dev/shm/a'))
    },
    memory: '8MiB',
  },
)

describe('a memfd', () => {
  it('is an executable file without a name, or one that may never be executed', () => {
    const fd = p.memfd_create('name', 0)
    expect(p.fstat(fd)).toMatchObject({ mode: 0o100777, nlink: 0, size: 0, blocks: 0 })
    expect([p.fcntl(fd, C.F_GET_SEALS), p.fcntl(fd, C.F_GETFL), p.fcntl(fd, C.F_GETFD)]).toEqual([C.F_SEAL_SEAL, 0o100002, 0])
    const plain = p.memfd_create('', C.MFD_NOEXEC_SEAL | C.MFD_CLOEXEC)
    expect(p.fstat(plain).mode).toBe(0o100666)
    expect([p.fcntl(plain, C.F_GET_SEALS), p.fcntl(plain, C.F_GETFD)]).toEqual([C.F_SEAL_EXEC, C.FD_CLOEXEC])
    expect(codeOf(() => p.fchmod(plain, 0o700))).toBe('EPERM')
    p.fchmod(plain, 0o600)
    expect(p.fstat(plain).mode).toBe(0o100600)
  })

  it('refuses long names, unknown flags and both kinds of execution', () => {
    expect(codeOf(() => p.memfd_create('x'.repeat(249), 0))).toBeUndefined()
    expect(codeOf(() => p.memfd_create('x'.repeat(250), 0))).toBe('EINVAL')
    expect(codeOf(() => p.memfd_create('x', 0x20))).toBe('EINVAL')
    expect(codeOf(() => p.memfd_create('x', C.MFD_EXEC | C.MFD_NOEXEC_SEAL))).toBe('EINVAL')
  })

  it('is sealed against each change, and in the end against seals', () => {
    const fd = p.memfd_create('m', C.MFD_ALLOW_SEALING)
    p.ftruncate(fd, PAGE)
    p.fcntl(fd, C.F_ADD_SEALS, C.F_SEAL_SHRINK)
    expect(codeOf(() => p.ftruncate(fd, 0))).toBe('EPERM')
    p.ftruncate(fd, 2 * PAGE)
    p.fcntl(fd, C.F_ADD_SEALS, C.F_SEAL_GROW)
    expect(codeOf(() => p.ftruncate(fd, 3 * PAGE))).toBe('EPERM')
    expect(codeOf(() => p.fallocate(fd, C.FALLOC_FL_KEEP_SIZE, 0, 3 * PAGE))).toBe('EPERM')
    expect(codeOf(() => p.pwrite(fd, new Uint8Array(8), 2 * PAGE))).toBe('EPERM')
    expect(p.pwrite(fd, new Uint8Array(PAGE + 8), PAGE)).toBe(PAGE)
    const at = p.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0)
    expect(codeOf(() => p.fcntl(fd, C.F_ADD_SEALS, C.F_SEAL_WRITE))).toBe('EBUSY')
    p.munmap(at, PAGE)
    p.fcntl(fd, C.F_ADD_SEALS, C.F_SEAL_WRITE)
    expect(codeOf(() => p.pwrite(fd, Uint8Array.of(1), 0))).toBe('EPERM')
    expect(codeOf(() => p.fallocate(fd, C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE, 0, PAGE))).toBe('EPERM')
    expect(codeOf(() => p.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0))).toBe('EPERM')
    const reading = p.mmap(0, PAGE, C.PROT_READ, C.MAP_SHARED, fd, 0)
    expect(codeOf(() => p.mprotect(reading, PAGE, RW))).toBe('EACCES')
    p.store8(p.mmap(0, PAGE, RW, C.MAP_PRIVATE, fd, 0), 1)
    expect(codeOf(() => p.fcntl(fd, C.F_ADD_SEALS, 0x40))).toBe('EINVAL')
    p.fcntl(fd, C.F_ADD_SEALS, C.F_SEAL_SEAL)
    expect(codeOf(() => p.fcntl(fd, C.F_ADD_SEALS, C.F_SEAL_EXEC))).toBe('EPERM')
    expect(p.fcntl(fd, C.F_GET_SEALS)).toBe(C.F_SEAL_SEAL | C.F_SEAL_SHRINK | C.F_SEAL_GROW | C.F_SEAL_WRITE)
  })

  it('keeps the mappings it had when it is sealed against writing in future', () => {
    const fd = p.memfd_create('m', C.MFD_ALLOW_SEALING)
    p.ftruncate(fd, PAGE)
    const at = p.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0)
    p.fcntl(fd, C.F_ADD_SEALS, C.F_SEAL_FUTURE_WRITE)
    p.store8(at, 7)
    expect(p.pread(fd, 1, 0)).toEqual(Uint8Array.of(7))
    expect(codeOf(() => p.pwrite(fd, Uint8Array.of(1), 0))).toBe('EPERM')
    expect(codeOf(() => p.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0))).toBe('EPERM')
  })

  it('that may be executed is closed to writers with F_SEAL_EXEC', () => {
    const fd = p.memfd_create('m', C.MFD_ALLOW_SEALING)
    p.fcntl(fd, C.F_ADD_SEALS, C.F_SEAL_EXEC)
    expect(p.fcntl(fd, C.F_GET_SEALS)).toBe(C.F_SEAL_EXEC | C.F_SEAL_SHRINK | C.F_SEAL_GROW | C.F_SEAL_WRITE | C.F_SEAL_FUTURE_WRITE)
  })
})

describe('a descriptor', () => {
  it('is the lowest that is free, and shares file and position with its duplicates', () => {
    const fd = p.memfd_create('m', 0)
    expect([fd, p.dup(fd), p.fcntl(fd, C.F_DUPFD, 5), p.dup2(fd, 3)]).toEqual([0, 1, 5, 3])
    expect(p.dup(fd)).toBe(2)
    p.lseek(fd, 9, C.SEEK_SET)
    expect([p.lseek(5, 0, C.SEEK_CUR), p.dup2(3, 3), p.dup(3)]).toEqual([9, 3, 4])
    p.close(1)
    expect([p.dup(fd), codeOf(() => p.close(99)), codeOf(() => p.dup2(99, 1)), codeOf(() => p.dup2(0, 1024))]).toEqual([
      1,
      'EBADF',
      'EBADF',
      'EBADF',
    ])
    expect([codeOf(() => p.dup3(0, 0, 0)), codeOf(() => p.dup3(0, 7, 1)), p.dup3(0, 7, C.O_CLOEXEC)]).toEqual(['EINVAL', 'EINVAL', 7])
    expect([p.fcntl(7, C.F_GETFD), p.fcntl(0, C.F_GETFD)]).toEqual([C.FD_CLOEXEC, 0])
    expect(codeOf(() => p.fcntl(0, C.F_DUPFD, -1))).toBe('EINVAL')
    for (let i = 0; i < 16; i++) codeOf(() => p.close(i))
  })

  it('is one of 1024', () => {
    for (let i = 0; i < 1024; i++) expect(p.memfd_create('m', 0)).toBe(i)
    expect(codeOf(() => p.memfd_create('m', 0))).toBe('EMFILE')
    expect(codeOf(() => p.open('/dev/shm/none', C.O_RDONLY))).toBe('EMFILE')
    p.close(500)
    expect(p.dup(0)).toBe(500)
    for (let i = 0; i < 1024; i++) p.close(i)
  })

  it('is shared by fork, and closed by exit', () => {
    const fd = p.memfd_create('m', 0)
    const child = p.fork()
    child.lseek(fd, 5, C.SEEK_SET)
    expect(p.lseek(fd, 0, C.SEEK_CUR)).toBe(5)
    p.close(fd)
    child.ftruncate(fd, PAGE)
    child.store8(child.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0), 1)
    machine.validate()
    child.exit(0)
    p.wait()
  })

  it('appends if it is told to, wherever pwrite says', () => {
    const fd = p.open('/dev/shm/a', C.O_CREAT | C.O_RDWR, 0o600)
    p.pwrite(fd, Uint8Array.of(1, 2), 0)
    p.fcntl(fd, C.F_SETFL, C.O_APPEND | C.O_RDONLY)
    expect(p.fcntl(fd, C.F_GETFL)).toBe(0o102002)
    p.pwrite(fd, Uint8Array.of(3), 0)
    expect(p.pread(fd, 9, 0)).toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('a file', () => {
  it('belongs to its maker, less the umask, and lets in whom its mode says', () => {
    expect([p.umask(0o077), p.umask(0o027)]).toEqual([0o022, 0o077])
    const fd = p.open('/dev/shm/a', C.O_CREAT | C.O_RDWR, 0o7777)
    expect(p.fstat(fd).mode).toBe(0o107750)
    p.fchown(fd, 1000, 1001)
    expect(p.fstat(fd)).toMatchObject({ uid: 1000, gid: 1001, mode: 0o101750 })
    const child = p.fork()
    child.setgid(1001)
    child.setuid(2000)
    expect(codeOf(() => child.open('/dev/shm/a', C.O_RDONLY))).toBeUndefined()
    expect(codeOf(() => child.open('/dev/shm/a', C.O_RDWR))).toBe('EACCES')
    expect(codeOf(() => child.unlink('/dev/shm/a'))).toBe('EPERM')
    expect(codeOf(() => child.fchmod(fd, 0o777))).toBe('EPERM')
    expect(codeOf(() => child.fchown(fd, 2000, -1))).toBe('EPERM')
    child.exit(0)
    p.wait()
    p.umask(0o022)
  })
})
