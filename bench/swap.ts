// Swap and reclaim: a page's way out and in again against Linux with zram; whether reclaim's cost grows with the memory; a
// trace run in the machine against its replay.
import { boot, constants as C, type Machine, runTrace } from 'faultline'
import { choosePolicy } from '#dist/core/policies.js'
import { Replayer } from '#dist/core/replayer.js'
import { generateTrace } from '#dist/trace/generate.js'
import { LinuxPeer } from './linuxPeer.js'
import { LinuxSwap } from './linuxSwap.js'
import { type Clock, clockOf, writes } from './machineCases.js'
import { median, medianRatio } from './measure.js'
import type { Scale } from './scale.js'
import { against, printTable, short } from './table.js'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
/** Passes before anything is timed, and of Linux's loop in a round. */
const WARM_UP = 2
const PASSES = 3
/** Of a memory's pages, one in so many more are in swap while its cost is measured. */
const SWAPPED = 32

/** All of swap's tables. */
export async function benchSwap(scale: Scale): Promise<void> {
  await benchRoundTrip(scale)
  await benchGrowth(scale)
  await benchRun(scale)
}

/** Sends pages out, all of them, and brings them in again; nanoseconds a page. */
function roundTrip({ init }: Machine, pages: number, clock: Clock): number {
  const at = init.mmap(0, pages * PAGE, RW, PRIVATE)
  const references = writes(pages)
  init.run(references, at)
  const ns = clock(() => {
    init.madvise(at, pages * PAGE, C.MADV_PAGEOUT)
    init.run(references, at)
  })
  init.munmap(at, pages * PAGE)
  return ns / pages
}

async function benchRoundTrip({ machinePages: pages, rounds, cpu }: Scale): Promise<void> {
  const size = pages * PAGE * 2
  const swap = LinuxSwap.open(size)
  const linux = typeof swap === 'string' ? swap : LinuxPeer.build('linux.c')
  if (typeof linux === 'string') console.log(`\nswap: no Linux to compare with: ${linux}`)
  const full = await boot({ memory: size * 2 })
  full.swapon({ size })
  const hollow = await boot({ memory: size * 2, contents: false })
  hollow.swapon({ size, backing: 'none' })
  for (const machine of [full, hollow]) machine.sysctl('vm.page-cluster', 0)
  const clock = clockOf(cpu)
  const times = { full: [] as number[], hollow: [] as number[], linux: [] as number[] }
  try {
    for (let round = -WARM_UP; round < rounds; round++) {
      const [withContents, without] = [roundTrip(full, pages, clock), roundTrip(hollow, pages, clock)]
      if (round < 0) continue
      times.full.push(withContents)
      times.hollow.push(without)
      if (linux instanceof LinuxPeer) times.linux.push(linux.run('swap', pages, PASSES, cpu ? 'cpu' : 'wall'))
    }
  } finally {
    if (linux instanceof LinuxPeer) linux.remove()
    if (swap instanceof LinuxSwap) swap.close()
  }
  for (const machine of [full, hollow]) machine.validate()
  const row = (title: string, ours: readonly number[], target: number): string[] => [
    title,
    short(median(ours)),
    ...(times.linux.length === 0 ? ['', ''] : [short(median(times.linux)), against(medianRatio(times.linux, ours), target)]),
    `≥ ${target}`,
  ]
  printTable(
    `swap: ${pages} pages out and in, median of ${rounds}`,
    ['', 'ns', 'Linux with zram, ns', '× Linux', 'target'],
    [row('with contents, in memory', times.full, 10), row('without contents', times.hollow, 40)],
  )
}

/**
 * Writes to new pages in a machine whose memory is full already; nanoseconds a page, each of which takes another's frame. In the largest
 * memories kswapd frees tens of thousands at once, so a whole `window` is written before any is timed, and then one. The pages that came
 * first, which are in swap, go untimed, so that swap stays small.
 */
async function pressed(memory: number, pages: number, window: number, clock: Clock): Promise<number> {
  const machine = await boot({ memory, contents: false, policy: 'linux-6.12' })
  const frames = memory / PAGE
  const swapped = Math.max(4 * pages, Math.ceil(frames / SWAPPED / pages) * pages)
  machine.swapon({ size: 2 * swapped * PAGE, backing: 'none' })
  const { init } = machine
  const full = frames + swapped
  const at = init.mmap(0, (full + 2 * window) * PAGE, RW, PRIVATE | C.MAP_NORESERVE)
  const references = writes(pages)
  let ns = 0
  for (let page = 0; page < full + 2 * window; page += pages) {
    if (page >= full) init.munmap(at + (page - full) * PAGE, pages * PAGE)
    const taken = clock(() => init.run(references, at + page * PAGE))
    if (page >= full + window) ns += taken
  }
  machine.validate()
  await machine.shutdown()
  return ns / window
}

async function benchGrowth({ growth, growthWindow, machinePages, cpu }: Scale): Promise<void> {
  const clock = clockOf(cpu)
  const rows: string[][] = []
  for (const memory of growth) {
    const times: number[] = []
    for (let round = 0; round < 3; round++) times.push(await pressed(memory, machinePages, growthWindow, clock))
    rows.push([`${memory / 2 ** 20} MiB`, short(median(times))])
  }
  printTable('a page that takes the frame of another, without contents', ['memory', 'ns'], rows)
}

/** A trace in the machine, under Linux's reclaim, and its replay through a policy of as many lists. */
async function benchRun({ references, pages, rounds, cpu }: Scale): Promise<void> {
  const trace = generateTrace({ workload: 'zipf', pages, references, writes: 0.2, seed: 1 })
  const frames = Math.ceil(pages / 10)
  const options = { trace, memory: pages * PAGE * 2, memoryMax: frames * PAGE, swap: pages * PAGE * 2, policy: 'linux-6.12' }
  const [run, replay]: [number[], number[]] = [[], []]
  const clock = clockOf(cpu)
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    // what the report says: neither tells of making the machine or its tables ready
    run.push((await runTrace(options)).seconds)
    const replayer = new Replayer({ policy: choosePolicy('twolist'), frames, pages: trace.uniquePages, ids: trace.ids })
    const ns = clock(() => {
      for (const chunk of trace.chunks) replayer.run(chunk)
    })
    replay.push(ns / 1e9)
  }
  const rate = (times: readonly number[]): string => short(references / median(times) / 1e6)
  printTable(
    `a Zipf(1.0) trace in a tenth of its pages: ${references} references`,
    ['', 'M references a second', 'of the replay', 'target'],
    [
      ['run, linux-6.12, without contents', rate(run), against(medianRatio(replay, run), 1 / 3), '≥ 0.33'],
      ['replay, twolist', rate(replay), '', ''],
    ],
  )
}
