// The machine: faults, fork and segments against Linux and plain TypeScript; the frame allocator; the way
// into the core and back.
import { boot, constants as C, type Machine } from 'faultline'
import { Kernel } from '#dist/core/kernel.js'
import { divideMemory } from '#dist/sys/machineSize.js'
import { LinuxPeer } from './linuxPeer.js'
import { CASES, clockOf, type MachineCase, RUN_CASES } from './machineCases.js'
import { median, medianRatio } from './measure.js'
import { PlainFrames } from './plainMemory.js'
import type { Scale } from './scale.js'
import { against, printTable, short } from './table.js'

const PAGE = 4096
/** Passes before anything is timed, so that V8 has compiled what runs, and the memory is there. */
const WARM_UP = 3

/** Passes of a case in a round, of which the median counts: a pass may be so short that it finds the caches as others left them. */
const PASSES = 5

/** The median of some passes. */
function passes(run: () => number): number {
  return median(Array.from({ length: PASSES }, run))
}

/** All of the machine's tables. */
export async function benchMachine(scale: Scale): Promise<void> {
  await benchAgainstLinux(scale)
  benchFrames(scale)
  await benchBorder(scale)
}

/** Nanoseconds of one case, by round. */
interface Times {
  machine: number[]
  linux: number[]
  plain: number[]
}

async function benchAgainstLinux({ machinePages: pages, rounds, cpu }: Scale): Promise<void> {
  const linux = LinuxPeer.build('linux.c')
  if (typeof linux === 'string') console.log(`\nmachine: no Linux to compare with: ${linux}`)
  const machine = await boot({ memory: pages * PAGE * 4 })
  const hollow = await boot({ memory: pages * PAGE * 4, contents: false })
  const plain = new PlainFrames(pages * 2)
  const times = new Map(CASES.map(({ name }) => [name, { machine: [], linux: [], plain: [] } as Times]))
  const runs = new Map(RUN_CASES.map(({ title }) => [title, [] as number[]]))
  const clock = clockOf(cpu)
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const bench of CASES) {
      const { machine: ours, plain: theirs, linux: real } = times.get(bench.name) as Times
      const [mine, simple] = [passes(() => bench.machine(machine, pages, clock)), passes(() => bench.plain(plain, pages, clock))]
      if (round < 0) continue
      ours.push(mine)
      theirs.push(simple)
      if (linux instanceof LinuxPeer) real.push(linux.run(bench.name, pages, PASSES, cpu ? 'cpu' : 'wall'))
    }
    for (const { title, run } of RUN_CASES) {
      const ns = passes(() => run(hollow, pages, clock))
      if (round >= 0) runs.get(title)?.push(ns)
    }
  }
  machine.validate()
  hollow.validate()
  if (linux instanceof LinuxPeer) linux.remove()
  const head = ['', 'ns', 'Linux, ns', '× Linux', 'target', 'plain TypeScript, ns', '× plain']
  printTable(
    `machine: ${pages} operations, median of ${rounds}`,
    head,
    CASES.map(bench => row(bench, times.get(bench.name) as Times)),
  )
  const cached = times.get('cached')?.linux ?? []
  const rows = RUN_CASES.map(({ title, target }) => runRow(title, target, runs.get(title) ?? [], cached))
  printTable(`process.run, without contents, median of ${rounds}`, ['', 'ns', "× Linux's mapping of a cached page", 'target'], rows)
}

function runRow(title: string, target: number, ours: readonly number[], linux: readonly number[]): string[] {
  return [title, short(median(ours)), linux.length === 0 ? '' : against(medianRatio(linux, ours), target), `≥ ${target}`]
}

function row({ title, target }: MachineCase, { machine, linux, plain }: Times): string[] {
  const ratio = medianRatio(linux, machine)
  const shown = linux.length === 0 ? ['', ''] : [short(median(linux)), target === undefined ? ratio.toFixed(2) : against(ratio, target)]
  return [
    title,
    short(median(machine)),
    ...shown,
    target === undefined ? '' : `≥ ${target}`,
    short(median(plain)),
    medianRatio(plain, machine).toFixed(2),
  ]
}

/** Blocks of an order, so many out at once; a target in nanoseconds for taking one and giving it back. */
const ALLOCATIONS: readonly { title: string; order: number; depth: number; target?: number }[] = [
  { title: "a frame, by the CPU's stack", order: 0, depth: 1, target: 5 },
  { title: '… 1000 at once, most of them from the zone', order: 0, depth: 1000 },
  { title: 'two frames from the buddy lists, 1000 at once', order: 1, depth: 1000, target: 25 },
  { title: '… one at a time, split from 1024 and joined', order: 1, depth: 1 },
]

/** The frame allocator, within the core. */
function benchFrames({ allocations, rounds, cpu }: Scale): void {
  const size = divideMemory(256 * 2 ** 20, true)
  const kernel = new Kernel({
    memory: new WebAssembly.Memory({ initial: size.wasmPages, maximum: 65536, shared: true }),
    target: 'release',
  })
  kernel.build(size, 1)
  const clock = clockOf(cpu)
  const rows = ALLOCATIONS.map(({ title, order, depth, target }) => {
    const times: number[] = []
    for (let round = -WARM_UP; round < rounds; round++) {
      const turns = Math.ceil(allocations / depth)
      const ns = clock(() => void kernel.exports.frames_cycle(order, depth, turns)) / (turns * depth)
      if (round >= 0) times.push(ns)
    }
    const ns = median(times)
    return [title, short(ns), target === undefined ? '' : `${ns <= target ? '✓' : '✗'} ≤ ${target}`]
  })
  if (kernel.exports.machine_validate() !== 0) throw new Error('the books do not balance')
  printTable(`frames: taken and given back, ${allocations} times, median of ${rounds}`, ['', 'ns a pair', 'target'], rows)
}

/** What it costs to come into the core and back, and how calls that do much in one go spread it. */
async function benchBorder({ borderBytes, rounds, cpu }: Scale): Promise<void> {
  const machine = await boot({ memory: '64MiB' })
  const clock = clockOf(cpu)
  const rows = borderCases(machine).map(({ title, bytes, run }) => {
    const times: number[] = []
    const turns = Math.max(1, Math.floor(borderBytes / bytes))
    for (let round = -WARM_UP; round < rounds; round++) {
      const ns = clock(() => run(turns)) / turns
      if (round >= 0) times.push(ns)
    }
    return [title, short(median(times)), (median(times) / bytes).toFixed(3)]
  })
  printTable(`into the core and back: pages in the TLB, median of ${rounds}`, ['', 'ns a call', 'ns a byte'], rows)
}

function borderCases({ init }: Machine): { title: string; bytes: number; run: (turns: number) => unknown }[] {
  const length = 2 ** 20
  const at = init.mmap(0, length, C.PROT_READ | C.PROT_WRITE, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_POPULATE)
  const repeat = (call: (turn: number) => void) => (turns: number) => {
    for (let turn = 0; turn < turns; turn++) call(turn)
  }
  const reads = [64, PAGE, 2 ** 16, length].map(bytes => ({
    title: `read of ${bytes} bytes`,
    bytes,
    run: repeat(() => init.read(at, bytes)),
  }))
  let sum = 0
  return [
    {
      title: 'load32',
      bytes: 4,
      run: repeat(turn => {
        sum += init.load32(at + (turn & 1023) * 4)
      }),
    },
    { title: 'store32', bytes: 4, run: repeat(turn => init.store32(at + (turn & 1023) * 4, sum >>> 31)) },
    ...reads,
  ]
}
