// kswapd's thread: when there is one, that it reclaims ahead of need and loses nothing, and what is so when it ends.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { type BootOptions, boot, constants as C, type Machine, type Process, SysError } from 'faultline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CPU_SIZE, CPUS, SUPERBLOCK, ZONES } from '#dist/abi/layout.gen.js'
import { CpuLayout, Kswapd, Rank, SuperblockLayout, ZoneLayout } from '#dist/core/layout.gen.js'
import { withMachine } from '../machines.ts'
import { kernelOf, LIBRARY, moduleOf, pause, until } from './workers.ts'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
/** Twice the memory of a machine of 16 MiB. */
const PAGES = 8192
const SLEEPER = moduleOf('self.waitOn(self.mmap(0, 4096, 3, 0x22), 0, 1e9)')
const ENDER = moduleOf('process.exit(0)')

/** The threads that were started since the test began. */
let threads: Worker[] = []
const note = (worker: Worker): void => void threads.push(worker)

beforeEach(() => {
  threads = []
  process.on('worker', note)
})
afterEach(() => process.off('worker', note))

/** Maps more pages than there is memory, and has them written round after round, each time with what it held before looked at, until it is enough. */
async function fill(init: Process, isEnough: () => boolean): Promise<void> {
  const at = init.mmap(0, PAGES * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
  for (let round = 1; round < 3 || !isEnough(); round++) {
    for (let page = 0; page < PAGES; page++) {
      if (round > 1) expect(init.load32(at + page * PAGE)).toBe(page + round - 1)
      init.store32(at + page * PAGE, page + round)
    }
    await pause()
  }
  init.munmap(at, PAGES * PAGE)
}

/** Gives swap to a machine whose kswapd has a thread at once, and waits until that sleeps. */
async function withKswapd(test: (machine: Machine, init: Process) => Promise<void>, options: Partial<BootOptions> = {}): Promise<void> {
  await withMachine(
    async (machine, init) => {
      expect(machine.kswapd).toBe('inline')
      machine.swapon({ size: '48MiB' })
      await until(() => machine.kswapd === 'asleep')
      await test(machine, init)
      if (machine.swaps.length > 0) machine.swapoff(0)
    },
    { deterministic: false, ...options },
  )
}

/** The machine's words, and the address of the block of kswapd's CPU. */
function kswapdOf(init: Process): { words: Int32Array; cpu: number } {
  const words = new Int32Array(kernelOf(init).memory.buffer)
  return { words, cpu: CPUS + (words[(SUPERBLOCK + SuperblockLayout.kswapdCpu) / 4] ?? 0) * CPU_SIZE }
}

describe('a thread of its own', () => {
  it('reclaims ahead of need, naps, is woken, and ends with the machine', () =>
    withKswapd(async (machine, init) => {
      await fill(init, () => machine.vmstat.pgsteal_kswapd > 1000 && machine.vmstat.kswapd_low_wmark_hit_quickly > 0)
      await until(() => machine.kswapd === 'asleep')
      const { vmstat, zones } = machine
      expect(vmstat.pageoutrun).toBeGreaterThan(1)
      expect(zones[0]?.free).toBeGreaterThan(zones[0]?.low as number)
      await machine.shutdown()
      expect(machine.kswapd).toBe('inline')
      expect(threads).toHaveLength(1)
    }))

  it('stands still while the machine is looked at', () =>
    withKswapd(async (machine, init) => {
      let turn = 0
      await fill(init, () => {
        machine.validate()
        return ++turn > 4 && machine.vmstat.pgsteal_kswapd > 0
      })
    }))

  it('is not in a snapshot, whose machine reclaims all the same', () =>
    withKswapd(async (machine, init) => {
      const at = init.mmap(0, PAGES * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
      for (let page = 0; page < PAGES; page++) init.store32(at + page * PAGE, page + 1)
      const restored = await boot({ snapshot: machine.snapshot() })
      expect(restored.kswapd).toBe('inline')
      for (let page = 0; page < PAGES; page++) expect(restored.init.load32(at + page * PAGE)).toBe(page + 1)
      // which may have a thread of its own once there are workers
      const { exited } = await restored.spawn(ENDER)
      expect(await exited).toBe(0)
      await restored.shutdown()
      init.munmap(at, PAGES * PAGE)
    }))

  it('is not there without a swap area, for other policies, with one CPU or all 32, and where all is to be deterministic', async () => {
    for (const options of [{ policy: 'lru' }, { cpus: 1 }, { cpus: 32 }, { deterministic: true }, { swap: false }] as const) {
      const { swap = true, ...rest }: Partial<BootOptions> & { swap?: boolean } = options
      await withMachine(
        async machine => {
          if (swap) machine.swapon({ size: '1MiB' })
          if (rest.cpus !== 1) {
            const { exited } = await machine.spawn(ENDER)
            await exited
          }
          expect(machine.kswapd).toBe('inline')
          if (swap) machine.swapoff(0)
        },
        { deterministic: false, ...rest },
      )
    }
    // all that was started were processes
    expect(threads).toHaveLength(4)
  })
})

describe('a thread of its own, unless it is said whether there is to be one,', () => {
  it('is there while worker processes are, whichever came first, and takes none of their CPUs', () =>
    withMachine(
      async machine => {
        machine.swapon({ size: '1MiB' })
        await pause()
        expect(machine.kswapd).toBe('inline')
        const workers = [await machine.spawn(SLEEPER), await machine.spawn(SLEEPER)]
        await until(() => machine.kswapd === 'asleep')
        await expect(machine.spawn(SLEEPER)).rejects.toThrow('all 3 CPUs are taken')
        for (const { terminate } of workers) await terminate()
        await until(() => machine.kswapd === 'inline')
        machine.swapoff(0)
        const late = await machine.spawn(SLEEPER)
        // lists that are kept once are kept for ever
        await until(() => machine.kswapd === 'asleep')
        await late.terminate()
      },
      { cpus: 3 },
    ))

  it('comes with the first limit of a group, too', () =>
    withMachine(async machine => {
      const worker = await machine.spawn(SLEEPER)
      expect(threads).toHaveLength(1)
      machine.cgroup('few', { memoryMax: '1MiB' })
      await until(() => machine.kswapd === 'asleep')
      expect(threads).toHaveLength(2)
      await worker.terminate()
      machine.cgroup('few').remove()
    }))

  it('never keeps a program from ending', async () => {
    const program = `const { boot, constants: C } = await import('${LIBRARY}')
      const machine = await boot({ memory: '16MiB', deterministic: false })
      machine.swapon({ size: '32MiB' })
      while (machine.kswapd !== 'asleep') await new Promise(resolve => setTimeout(resolve, 1))
      const at = machine.init.mmap(0, 20 << 20, 3, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
      for (let page = 0; page < 5120; page++) machine.init.store32(at + page * 4096, page)
      console.log('the end')`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    })
    expect(stdout).toBe('the end\n')
  })
})

describe('a thread that vanishes', () => {
  it('asleep leaves its work to those who need it, and there may be another', () =>
    withKswapd(async (machine, init) => {
      await Worker.prototype.terminate.call(threads[0])
      await until(() => machine.kswapd === 'inline')
      await fill(init, () => machine.vmstat.pgsteal_kswapd > 0)
      machine.swapon({ size: '1MiB' })
      await until(() => machine.kswapd === 'asleep')
      machine.swapoff(1)
      expect(threads).toHaveLength(2)
    }))

  it.each(['Tables', 'Swap', 'Lru', 'Zone'] as const)('with a lock of rank %s panics the machine', async rank => {
    const machine = await boot({ memory: '16MiB', target: 'debug', deterministic: false })
    const { init } = machine
    machine.swapon({ size: '48MiB' })
    await until(() => machine.kswapd === 'asleep')
    const at = init.mmap(0, 100 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
    for (let page = 0; page < 100; page++) init.store32(at + page * PAGE, page)
    const { words, cpu } = kswapdOf(init)
    Atomics.store(words, (cpu + CpuLayout.haltAt) / 4, 1 << Rank[rank])
    // more frames are to be free than there are
    Atomics.store(words, (ZONES + ZoneLayout.high) / 4, 1 << 20)
    Atomics.store(words, (ZONES + ZoneLayout.kswapd) / 4, Kswapd.Awake)
    Atomics.notify(words, (ZONES + ZoneLayout.kswapd) / 4)
    await until(() => Atomics.load(words, (cpu + CpuLayout.halted) / 4) !== 0)
    void Worker.prototype.terminate.call(threads[0])
    expect(() => {
      init.madvise(at, 100 * PAGE, C.MADV_PAGEOUT)
      while (true) stopped(() => machine.validate())
    }).toThrow(/^PANIC_DEAD_(OWNER|THREAD) .*CPU 4/)
    await expect(machine.shutdown()).rejects.toThrow('PANIC_DEAD')
  })
})

/** Does what stops the machine; that a thread does not leave its call says nothing yet. */
function stopped(what: () => void): void {
  try {
    what()
  } catch (error) {
    if (!(error instanceof SysError && error.code === 'EBUSY')) throw error
  }
}
