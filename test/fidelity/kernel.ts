// The kernel underneath as an oracle: replays on it in a memory cgroup, with zram as the only swap. It repeats itself to
// 0.1 to 0.3 % because nothing but the pages of the trace is charged to the group, one CPU does all, and memory.stat is
// read every 100 references, which flushes the statistics that reclaim looks at. What is changed in the system is undone.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Case, type Counts, isFile, type Kind } from './cases.js'
import { EVERY, PAGES, REFERENCES, trace } from './traces.js'

const CGROUPS = '/sys/fs/cgroup/memory'
const ZRAM = '/sys/class/zram-control'
const PAGE_CLUSTER = '/proc/sys/vm/page-cluster'
const SWAPPINESS = 60

/** Pages that the kernel needs within the limit, mostly for the tree of an object's pages. Page tables come from outside. */
const KERNEL_PAGES: Record<Kind, number> = { anon: 0, shm: 19, shared: 20, mmap: 19, random: 19, pread: 19 }

/** Why the kernel cannot be asked here. */
export class Obstacle extends Error {}

function numberIn(path: string): number {
  return Number(readFileSync(path, 'utf8'))
}

function sh(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Throws an Obstacle where the kernel cannot be asked. */
function demand(): void {
  if (process.platform !== 'linux') throw new Obstacle(`this is ${process.platform}, not Linux`)
  if (process.getuid?.() !== 0) throw new Obstacle('this is not root, which memory cgroups and swap need')
  if (!existsSync(`${CGROUPS}/memory.limit_in_bytes`)) throw new Obstacle(`there is no memory controller of cgroup v1 at ${CGROUPS}`)
  if (!existsSync(ZRAM)) throw new Obstacle('the kernel has no zram')
  if (readFileSync('/proc/swaps', 'utf8').trim().includes('\n')) throw new Obstacle('there is swap already; zram has to be the only one')
  const mglru = '/sys/kernel/mm/lru_gen/enabled'
  if (existsSync(mglru) && numberIn(mglru) !== 0) throw new Obstacle(`the kernel uses MGLRU; write 0 to ${mglru}`)
}

/** What one run of the runner printed. */
type Printed = Record<string, number>

/** The counts of one run, by the names of COUNTERS. */
function countsOf(kind: Kind, printed: Printed): Counts {
  const of = (name: string): number => printed[name] as number
  const refault = (what: string): number => of(`workingset_${what}_${isFile(kind) ? 'file' : 'anon'}`)
  const scan = (what: string): number => of(`${what}_anon`) + of(`${what}_file`)
  return {
    pgfault: of('minor') + of('major'),
    // pread faults nowhere: what it found absent has come and stayed, or gone
    pgmajfault: kind === 'pread' ? of('pgsteal_file') + of('present') : of('major'),
    pgscan: scan('pgscan'),
    pgsteal: scan('pgsteal'),
    pgactivate: of('pgactivate'),
    pgdeactivate: of('pgdeactivate'),
    pswpin: of('pswpin'),
    pswpout: of('pswpout'),
    workingset_refault: refault('refault'),
    workingset_activate: refault('activate'),
    workingset_restore: refault('restore'),
    present: of('present'),
  }
}

/** The kernel, set up for replays until `close`. */
export class Kernel {
  readonly #folder = mkdtempSync(join(tmpdir(), 'faultline-fidelity-'))
  readonly #disk = join(this.#folder, 'disk')
  readonly #file = join(this.#disk, 'file')
  readonly #undo: (() => void)[] = []
  readonly #traces = new Set<string>()

  /** Throws an Obstacle where it cannot be asked; then nothing is changed. */
  constructor() {
    this.#undo.push(() => rmSync(this.#folder, { recursive: true }))
    try {
      demand()
      mkdirSync(this.#disk)
      sh('gcc', '-O2', '-o', join(this.#folder, 'runner'), fileURLToPath(new URL('../../test/fidelity/runner.c', import.meta.url)))
      this.#swapOn()
      const cluster = numberIn(PAGE_CLUSTER)
      writeFileSync(PAGE_CLUSTER, '0')
      this.#undo.push(() => writeFileSync(PAGE_CLUSTER, `${cluster}`))
      this.#makeFile()
    } catch (error) {
      this.close()
      throw error instanceof Obstacle ? error : new Obstacle(error instanceof Error ? error.message : String(error))
    }
  }

  /** A zram device of so many bytes. Returns its folder in /sys and its path in /dev. */
  #zram(size: number): { block: string; device: string } {
    const number = numberIn(`${ZRAM}/hot_add`)
    const block = `/sys/block/zram${number}`
    this.#undo.push(() => {
      writeFileSync(`${block}/reset`, '1')
      writeFileSync(`${ZRAM}/hot_remove`, `${number}`)
    })
    writeFileSync(`${block}/disksize`, `${size}`)
    return { block, device: `/dev/zram${number}` }
  }

  #swapOn(): void {
    const { device } = this.#zram(8 * PAGES * 4096)
    sh('mkswap', device)
    sh('swapon', device)
    this.#undo.push(() => sh('swapoff', device))
  }

  /** A file on a disk that reads nothing ahead. */
  #makeFile(): void {
    const { block, device } = this.#zram(4 * PAGES * 4096)
    sh('mkfs.ext4', '-q', device)
    sh('mount', device, this.#disk)
    this.#undo.push(() => sh('umount', this.#disk))
    writeFileSync(this.#file, Buffer.alloc(PAGES * 4096, 7))
    sh('sync', this.#file)
    writeFileSync(`${block}/queue/read_ahead_kb`, '0')
  }

  /** What the records should say of the kernel and how it was asked. */
  get facts(): { kernel: string; settings: Record<string, string | number> } {
    const settings = { pages: PAGES, references: REFERENCES, 'memory.stat read every': EVERY, 'vm.page-cluster': 0, swappiness: SWAPPINESS }
    return {
      kernel: `Linux ${release()} ${sh('uname', '-m').trim()}, classic LRU, memory cgroup v1`,
      settings: {
        ...settings,
        swap: 'zram, alone',
        file: 'ext4 on zram, no read-ahead',
        cpus: 'pinned to one',
        'huge pages': 'MADV_NOHUGEPAGE',
        fault_around_bytes: 65536,
      },
    }
  }

  /** Replays a case. */
  replay({ kind, trace: name, writes, frames }: Case): Counts {
    const group = `${CGROUPS}/faultline.${process.pid}`
    const limit = (frames + KERNEL_PAGES[kind]) * 4096
    const file = isFile(kind) ? [this.#file] : []
    mkdirSync(group)
    try {
      writeFileSync(`${group}/memory.swappiness`, `${SWAPPINESS}`)
      const args = [
        group,
        `${availableParallelism() - 1}`,
        `${limit}`,
        `${PAGES}`,
        kind,
        `${EVERY}`,
        this.#traceFile(name, writes),
        ...file,
      ]
      return countsOf(kind, JSON.parse(sh(join(this.#folder, 'runner'), ...args)) as Printed)
    } finally {
      rmdirSync(group)
    }
  }

  #traceFile(name: Case['trace'], writes: number): string {
    const path = join(this.#folder, `${name}.${writes}`)
    if (!this.#traces.has(path)) writeFileSync(path, trace(name, writes))
    this.#traces.add(path)
    return path
  }

  /** Undoes what was changed in the system. */
  close(): void {
    while (this.#undo.length > 0) this.#undo.pop()?.()
  }
}
