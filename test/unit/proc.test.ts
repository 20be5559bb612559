import { existsSync, readFileSync } from 'node:fs'
import { boot, constants as C, type Machine } from 'faultline'
import { describe, expect, it } from 'vitest'

const PAGE = 4096
const BASE = 0x10000000
const RW = C.PROT_READ | C.PROT_WRITE

/** What a real Linux printed: see proc.py there, which makes the same mappings. */
const recorded = new Map(
  readFileSync(new URL('../fixtures/proc.txt', import.meta.url), 'utf8')
    .split(/^== /m)
    .slice(1)
    .map(part => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
)

/** A machine whose init has the mappings of proc.py. */
async function mappedMachine(): Promise<Machine> {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init: p } = machine
  const map = (offset: number, pages: number, prot: number, flags: number, fd = -1, start = 0): number =>
    p.mmap(BASE + offset, pages * PAGE, prot, flags | C.MAP_FIXED, fd, start)
  const write = (offset: number): void => p.store8(BASE + offset, 1)
  const read = (offset: number): number => p.load8(BASE + offset)
  p.shmat(p.shmget(0x1234, 3 * PAGE, C.IPC_CREAT | 0o640), BASE, 0)
  write(PAGE)
  const marked = p.shmget(-2, 5000, C.IPC_CREAT | 0o600)
  p.shmat(marked, BASE + 0x100000, C.SHM_RDONLY)
  p.shmctl(marked, C.IPC_RMID)
  map(0x200000, 4, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  write(0x200000)
  read(0x201000)
  map(0x210000, 4, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
  write(0x210000)
  read(0x211000)
  const fd = p.shm_open('/faultline look', C.O_CREAT | C.O_RDWR, 0o600)
  p.ftruncate(fd, 3 * PAGE)
  map(0x220000, 3, RW, C.MAP_SHARED, fd)
  write(0x220000)
  read(0x221000)
  map(0x230000, 2, RW, C.MAP_PRIVATE, fd, PAGE)
  read(0x230000)
  write(0x231000)
  map(0x240000, 2, C.PROT_READ, C.MAP_PRIVATE, fd, PAGE)
  p.shm_unlink('/faultline look')
  const memfd = p.memfd_create('look\nhere', 0)
  p.ftruncate(memfd, PAGE)
  map(0x250000, 1, RW, C.MAP_SHARED, memfd)
  map(0x260000, 1, 0, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  map(0x270000, 1, C.PROT_EXEC, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  map(0x280000, 4, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  write(0x281000)
  p.mprotect(BASE + 0x281000, PAGE, C.PROT_READ)
  p.madvise(BASE + 0x282000, PAGE, C.MADV_DONTFORK)
  map(0x290000, 2, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_LOCKED)
  map(0x2a0000, 1, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_NORESERVE)
  return machine
}

/** Without the inode numbers of shared memory without a name, of files and memfds, which count what others made before. */
function withoutInodes(text: string): string {
  return text.replace(/^(\S+ \S+ \S+ 00:(?!00)..) \d+ +(\/(?!SYSV).*)$/gm, '$1 # $2')
}

/** Without times and process ids, which are columns 6 and 7, and 13 to 15. */
function withoutTimes(text: string): string {
  return text.replace(/^(.{10} .{10} {2}.{4} .{21}) .{11}( {2}.{5}(?: .{5}){4}) .{32} /gm, '$1 # $2 # ')
}

describe('files of a process', () => {
  it('maps is what Linux prints of the same mappings, byte for byte', async () => {
    const machine = await mappedMachine()
    expect(withoutInodes(machine.proc('/proc/1/maps'))).toBe(withoutInodes(recorded.get('maps') as string))
  })

  it('smaps is what Linux prints of the same mappings, byte for byte', async () => {
    const machine = await mappedMachine()
    expect(withoutInodes(machine.proc('/proc/1/smaps'))).toBe(withoutInodes(recorded.get('smaps') as string))
  })

  it('pagemap has the bits that Linux has, the frames, and soft-dirty', async () => {
    const machine = await mappedMachine()
    const { init } = machine
    const length = (0x300000 / PAGE) * 8
    const bytes = machine.proc('/proc/1/pagemap', { offset: (BASE / PAGE) * 8, length })
    const view = new DataView(bytes.buffer)
    const lines: string[] = []
    for (let page = 0; page < 0x300; page++) {
      const entry = view.getBigUint64(page * 8, true)
      const address = BASE + page * PAGE
      expect(Number(entry & ((1n << 55n) - 1n)) || undefined).toBe(init.frameOf(address))
      // the Linux that was asked keeps no soft-dirty bits
      if (entry !== 0n) lines.push(`0x${address.toString(16)} 0x${((entry >> 55n) & ~1n).toString(16)}\n`)
    }
    expect(lines.join('')).toBe(recorded.get('pagemap'))
    expect(machine.proc('/proc/1/pagemap', { offset: (2 ** 47 / PAGE) * 8 - 8, length: 64 })).toEqual(new Uint8Array(8))
  })

  it('status and statm count what the process has', async () => {
    const machine = await mappedMachine()
    const { init } = machine
    const status = machine.proc('/proc/1/status')
    const value = (name: string): string => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1] ?? ''
    const pages = machine.inspect().processes[0]?.mm
    expect(value('VmSize')).toBe(`${String((pages?.total as number) / 1024).padStart(8)} kB`)
    expect(value('RssAnon').trim()).toBe(`${(pages?.anonymous as number) * 4} kB`)
    expect(value('RssShmem').trim()).toBe(`${(pages?.shared as number) * 4} kB`)
    const [size, resident, shared] = machine.proc('/proc/1/statm').trim().split(' ').map(Number)
    expect([size, resident, shared]).toEqual([
      (pages?.total as number) / PAGE,
      (pages?.anonymous as number) + (pages?.shared as number),
      pages?.shared,
    ])
    init.setgroups([7, 5])
    const child = init.fork()
    child.setgid(50)
    child.setuid(1000)
    expect(machine.proc(`/proc/${child.pid}/status`)).toContain(
      'PPid:\t1\nTracerPid:\t0\nUid:\t1000\t1000\t1000\t1000\nGid:\t50\t50\t50\t50\nGroups:\t5 7 \n',
    )
  })

  it('name the heap, and count it, locked memory and stacks', async () => {
    const machine = await boot({ memory: '16MiB', target: 'debug' })
    const { init } = machine
    const start = init.brk(0)
    init.brk(start + 3 * PAGE)
    init.mmap(0, 2 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_LOCKED)
    init.mmap(0, 5 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_GROWSDOWN)
    expect(machine.proc('/proc/1/maps').split('\n')[0]).toBe(
      `${`${start.toString(16).padStart(8, '0')}-${(start + 3 * PAGE).toString(16).padStart(8, '0')} rw-p 00000000 00:00 0`.padEnd(73)}[heap]`,
    )
    const status = machine.proc('/proc/1/status')
    for (const [name, pages] of [
      ['VmLck', 2],
      ['VmData', 5],
      ['VmStk', 5],
    ] as const) {
      expect(status).toContain(`${name}:\t${String(pages * 4).padStart(8)} kB\n`)
    }
    expect(machine.proc('/proc/1/statm')).toBe('10 2 0 0 0 10 0\n')
    expect(machine.proc('/proc/meminfo')).toMatch(/^Committed_AS: +40 kB$/m)
  })

  it('are nearly empty for a zombie, as in Linux', async () => {
    const machine = await boot({ memory: '16MiB' })
    const { pid } = machine.init.fork()
    machine.process(pid).exit(0)
    expect(machine.proc(`/proc/${pid}/status`)).toMatch(/State:\tZ \(zombie\)\n[\s\S]*Threads:\t1\n$/)
    expect(machine.proc(`/proc/${pid}/status`)).not.toContain('Vm')
    expect(machine.proc(`/proc/${pid}/maps`)).toBe('')
    expect(machine.proc(`/proc/${pid}/smaps`)).toBe('')
    expect(machine.proc(`/proc/${pid}/statm`)).toBe('0 0 0 0 0 0 0\n')
    expect(() => machine.proc(`/proc/${pid}/pagemap`, { offset: 0, length: 8 })).toThrow('ESRCH')
  })
})

describe('files of the machine', () => {
  it('sysvipc/shm is what Linux prints of the same segments', async () => {
    const machine = await mappedMachine()
    const text = machine.proc('/proc/sysvipc/shm')
    const real = recorded.get('shm') as string
    expect(withoutTimes(text)).toBe(withoutTimes(real))
    expect(text.split('\n').map(line => line.length)).toEqual(real.split('\n').map(line => line.length))
  })

  it('meminfo, vmstat, buddyinfo and slabinfo agree with the machine, and with one another', async () => {
    const machine = await mappedMachine()
    const number = (file: string, name: string): number => Number(new RegExp(`^${name}:? +(\\d+)`, 'm').exec(machine.proc(file))?.[1])
    const mem = (name: string): number => number('/proc/meminfo', name)
    const { memory, frames, inodes } = machine.inspect()
    const count = (state: string): number => frames.filter(frame => frame.state === state).length
    expect(mem('MemTotal')).toBe((memory.frames - memory.reserved) * 4)
    expect(mem('MemFree')).toBe((machine.zones[0]?.free as number) * 4)
    expect(mem('Shmem')).toBe(inodes.reduce((sum, { pages }) => sum + pages.length, 0) * 4)
    expect([mem('AnonPages'), mem('PageTables'), mem('Slab')]).toEqual([count('anonymous') * 4, count('table') * 4, count('slab') * 4])
    expect(mem('Mapped')).toBe(frames.filter(({ state, mappings }) => state === 'object' && mappings.length > 0).length * 4)
    expect(number('/proc/vmstat', 'nr_free_pages') * 4).toBe(mem('MemFree'))
    expect(number('/proc/vmstat', 'pgfault')).toBe(machine.vmstat.pgfault)
    const [, line = ''] = /Normal (.*)$/m.exec(machine.proc('/proc/buddyinfo')) ?? []
    const blocks = line.trim().split(/ +/).map(Number)
    expect(blocks).toHaveLength(11)
    expect(blocks.reduce((sum, blocks, order) => sum + blocks * 2 ** order, 0) * 4).toBe(mem('MemFree'))
    expect(number('/proc/slabinfo', 'vm_area_struct')).toBe(machine.inspect().processes[0]?.mm?.vmas.length)
  })

  it('sys/… are the settings', async () => {
    const machine = await boot({ memory: '16MiB' })
    machine.sysctl('vm.max_map_count', 77)
    expect(machine.proc('/proc/sys/vm/max_map_count')).toBe('77\n')
    expect(machine.proc('/proc/sys/vm/overcommit_memory')).toBe('0\n')
  })

  it('there are no others', async () => {
    const machine = await boot({ memory: '16MiB' })
    const paths = [
      '/proc',
      '/proc/',
      '/proc/nothing',
      '/proc/2/maps',
      '/proc/1/nothing',
      '/proc/01/maps',
      '/proc/sys/vm',
      '/proc/sys/vm/nothing',
      '',
      'meminfo',
      '/proc/1',
    ]
    for (const path of paths) expect(() => machine.proc(path), path).toThrow('ENOENT: no such file or directory, open')
    for (const path of [undefined, 7, null]) expect(() => machine.proc(path as never)).toThrow(TypeError)
    const pagemap = '/proc/1/pagemap' as const
    expect(() => machine.proc(pagemap as string)).toThrow('EINVAL')
    for (const [offset, length] of [
      [1, 8],
      [0, 7],
      [-8, 8],
      [0, -8],
    ] as const)
      expect(() => machine.proc(pagemap, { offset, length })).toThrow('EINVAL')
    for (const bad of [Number.NaN, 0.5, '8']) expect(() => machine.proc(pagemap, { offset: bad as number, length: 8 })).toThrow(TypeError)
  })

  // The numbers differ, but not the names, their order, nor the columns.
  it.runIf(process.platform === 'linux')('have the lines of the Linux this runs on', async () => {
    const machine = await mappedMachine()
    const shape = (line: string): string => line.replace(/ +\d+/g, digits => '#'.repeat(digits.length))
    for (const file of ['/proc/meminfo', '/proc/vmstat', '/proc/slabinfo', '/proc/1/smaps', '/proc/1/status']) {
      // slabinfo is for root alone
      const real =
        existsSync(file) && (process.getuid?.() === 0 || !file.includes('slab'))
          ? readFileSync(file.replace('/1/', '/self/'), 'utf8').split('\n')
          : []
      const names = real.map(line => line.split(/[\s:]/)[0])
      const ours = machine
        .proc(file)
        .split('\n')
        .slice(0, file.includes('slab') ? 2 : undefined)
      let last = -1
      for (const line of real.length > 0 && !file.includes('smaps') ? ours : []) {
        const name = line.split(/[\s:]/)[0]
        const at = names.indexOf(name, last + 1)
        expect(at, `${file}: ${line} behind ${names[last]}`).toBeGreaterThan(last)
        last = at
        if (file.endsWith('meminfo')) expect(shape(line)).toBe(shape(real[at] as string))
        if (file.endsWith('slabinfo')) expect(line).toBe(real[at])
      }
    }
    if (existsSync('/proc/buddyinfo')) {
      const [line] = readFileSync('/proc/buddyinfo', 'utf8').split('\n')
      expect(machine.proc('/proc/buddyinfo').indexOf('\n')).toBe(line?.length)
    }
  })
})
