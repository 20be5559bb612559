import { boot, constants as C, type Inspection, type Machine } from 'faultline'
import { describe, expect, it } from 'vitest'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const ANONYMOUS = C.MAP_PRIVATE | C.MAP_ANONYMOUS

/** What stands at an address or number; fails if there is none. */
function one<T>(list: readonly T[], wanted: (item: T) => boolean): T {
  const found = list.filter(wanted)
  expect(found).toHaveLength(1)
  return found[0] as T
}

/** Checks that every reference leads somewhere and back. */
function checkLinks({ processes, files, inodes, mounts, segments, frames, memory }: Inspection): void {
  const vmas = processes.flatMap(({ pid, mm }) => (mm?.vmas ?? []).map(vma => ({ pid, ...vma })))
  for (const { pid, address, start, file, inode } of vmas) {
    if (file === null) continue
    expect(one(files, f => f.address === file).inode).toBe(inode)
    expect(one(inodes, i => i.address === inode).vmas).toContainEqual({ pid, vma: address, start })
  }
  for (const { pid, pages } of vmas) {
    for (const { address, frame } of pages) expect(one(frames, f => f.frame === frame).mappings).toContainEqual({ pid, address })
  }
  const mappings = frames.flatMap(frame => frame.mappings)
  expect(mappings).toHaveLength(vmas.flatMap(({ pages }) => pages).length)
  for (const { address, mount, pages, vmas } of inodes) {
    one(mounts, m => m.address === mount)
    for (const { index, frame } of pages)
      expect(one(frames, f => f.frame === frame)).toMatchObject({ state: 'object', inode: address, index })
    for (const { pid, vma } of vmas) expect(one(processes, p => p.pid === pid).mm?.vmas.some(v => v.address === vma)).toBe(true)
  }
  for (const { inode, nattch, id } of segments) {
    one(inodes, i => i.address === inode)
    expect(vmas.filter(({ segment }) => segment === id)).toHaveLength(nattch)
  }
  expect(memory.free + memory.reserved).toBeLessThanOrEqual(memory.frames)
}

/** Two processes that attach one segment at different addresses; the second is the first's child. */
async function twoProcesses(): Promise<{ machine: Machine; at: number; here: number; there: number; id: number }> {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  const at = init.mmap(0, 4 * PAGE, RW, ANONYMOUS)
  init.store32(at, 1)
  init.load32(at + PAGE)
  const child = init.fork()
  child.mmap(0, PAGE, C.PROT_READ, ANONYMOUS)
  const id = init.shmget(0x1234, 3 * PAGE, C.IPC_CREAT | 0o640)
  const [here, there] = [init.shmat(id, 0, 0), child.shmat(id, 0, C.SHM_RDONLY)]
  init.store32(here + PAGE, 7)
  child.load32(there + PAGE)
  return { machine, at, here, there, id }
}

describe('inspect', () => {
  it('shows the whole way from a process to a frame, and back', async () => {
    const { machine, at, here, there, id } = await twoProcesses()
    const seen = machine.inspect()
    checkLinks(seen)
    expect(seen.processes.map(({ pid, parent, state, cpu }) => [pid, parent, state, cpu])).toEqual([
      [1, 0, 'running', 0],
      [2, 1, 'running', 0],
    ])
    const [first, second] = seen.processes.map(({ mm }) => one(mm?.vmas ?? [], vma => vma.segment === id))
    expect(first).toMatchObject({ start: here, end: here + 3 * PAGE, rights: 'rw-s', name: '/SYSV00001234 (deleted)', offset: 0 })
    expect(second).toMatchObject({ start: there, rights: 'r--s', inode: first?.inode })
    const frame = machine.init.frameOf(here + PAGE) as number
    expect(first?.pages).toEqual([{ address: here + PAGE, frame, writable: true, accessed: true, dirty: true, swap: 0 }])
    expect(second?.pages).toEqual([{ address: there + PAGE, frame, writable: false, accessed: true, dirty: false, swap: 0 }])
    expect(one(seen.inodes, inode => inode.address === first?.inode)).toMatchObject({
      use: 'segment',
      size: 3 * PAGE,
      pages: [{ index: 1, frame }],
      refs: 3,
    })
    expect(one(seen.frames, f => f.frame === frame)).toMatchObject({
      state: 'object',
      refs: 3,
      index: 1,
      mappings: [
        { pid: 1, address: here + PAGE },
        { pid: 2, address: there + PAGE },
      ],
    })
    expect(one(seen.frames, f => f.frame === machine.init.frameOf(at))).toMatchObject({
      state: 'anonymous',
      refs: 2,
      mappings: [
        { pid: 1, address: at },
        { pid: 2, address: at },
      ],
    })
    expect(one(seen.frames, f => f.state === 'zero').mappings).toHaveLength(2)
    expect(one(seen.segments, segment => segment.id === id)).toMatchObject({
      key: 0x1234,
      mode: 0o640,
      nattch: 2,
      cpid: 1,
      lpid: 2,
      marked: false,
    })
  })

  it('is plain data, and changes nothing', async () => {
    const { machine } = await twoProcesses()
    const seen = machine.inspect()
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen)
    expect(machine.inspect()).toEqual(seen)
    machine.validate()
  })

  it('accounts for every frame that is not free', async () => {
    const { machine } = await twoProcesses()
    const { frames, memory, processes } = machine.inspect()
    const count = (state: string): number => frames.filter(frame => frame.state === state).length
    expect(count('table')).toBe(processes.reduce((sum, { mm }) => sum + (mm?.tables ?? 0), 0))
    expect(memory.frames - memory.reserved - memory.free).toBe(frames.length)
  })

  it('shows zombies, marked segments and shared memory without a name', async () => {
    const { machine, id, here } = await twoProcesses()
    const { init } = machine
    const child = machine.process(2)
    const shared = init.mmap(0, 2 * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
    init.store8(shared + PAGE, 1)
    child.exit(9)
    init.shmctl(id, C.IPC_RMID)
    const seen = machine.inspect()
    checkLinks(seen)
    expect(one(seen.processes, ({ pid }) => pid === 2)).toMatchObject({ state: 'zombie', exitCode: 9, signal: null, mm: null, cpu: null })
    expect(seen.segments).toMatchObject([{ id, nattch: 1, marked: true, key: 0 }])
    const names = seen.processes[0]?.mm?.vmas.map(vma => [vma.start, vma.name])
    expect(names).toContainEqual([here, '/SYSV00001234 (deleted)'])
    expect(names).toContainEqual([shared, '/dev/zero (deleted)'])
    const filled = seen.inodes.filter(({ pages }) => pages.length > 0)
    expect(filled.map(({ use, pages }) => [use, pages.map(({ index }) => index)])).toEqual([
      ['segment', [1]],
      ['zero', [1]],
    ])
  })

  it('names files by their paths, as long as they have one', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const long = 'x'.repeat(200)
    for (const name of ['short', long]) {
      const fd = init.shm_open(`/${name}`, C.O_CREAT | C.O_RDWR, 0o600)
      init.ftruncate(fd, PAGE)
      init.mmap(0, PAGE, RW, C.MAP_SHARED, fd, 0)
      init.close(fd)
    }
    const names = (): string[] => machine.inspect().processes[0]?.mm?.vmas.map(({ name }) => name) ?? []
    expect(names()).toEqual([`/dev/shm/${long}`, '/dev/shm/short'])
    const fd = init.open('/dev/shm/short', C.O_RDWR)
    const copy = init.dup(fd)
    const { processes, files, inodes } = machine.inspect()
    const [first, second] = processes[0]?.descriptors ?? []
    expect([first?.fd, second?.fd, first?.file]).toEqual([fd, copy, second?.file])
    const file = one(files, ({ address }) => address === first?.file)
    expect(file).toMatchObject({ path: '/dev/shm/short', refs: 2 })
    expect(one(inodes, ({ address }) => address === file.inode)).toMatchObject({ use: 'file', size: PAGE, refs: 3, links: 1 })
    init.close(fd)
    init.close(copy)
    init.shm_unlink('/short')
    expect(names()).toEqual([`/dev/shm/${long}`, '/dev/shm/short (deleted)'])
    checkLinks(machine.inspect())
  })

  it('goes on where a buffer of records is full', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const at = init.mmap(0, 700 * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
    for (let page = 0; page < 700; page++) init.store8(at + page * PAGE, 1)
    for (let page = 1; page < 700; page += 2) init.mprotect(at + page * PAGE, PAGE, C.PROT_READ)
    const seen = machine.inspect()
    const [process] = seen.processes
    expect(process?.mm?.vmas).toHaveLength(700)
    expect(process?.mm?.vmas.flatMap(({ pages }) => pages.map(({ address }) => address))).toEqual(
      Array.from({ length: 700 }, (_, page) => at + page * PAGE),
    )
    expect(seen.inodes[0]?.pages.map(({ index }) => index)).toEqual(Array.from({ length: 700 }, (_, page) => page))
  })
})

describe('process', () => {
  it('finds the processes of this thread, and no others', async () => {
    const { machine } = await twoProcesses()
    expect(machine.process(2).fork().pid).toBe(3)
    machine.process(3).exit(0)
    for (const pid of [0, 3, 4, -1, 32768, 2 ** 32 + 1]) expect(() => machine.process(pid)).toThrow('ESRCH')
    expect(() => machine.process(Number.NaN)).toThrow(TypeError)
  })
})
