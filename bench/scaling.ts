// How the machine scales: references a second of 1 to 8 workers, in spaces of their own, at one segment, and as threads
// of one process, beside the same loops by processes and threads of the Linux underneath.
import { availableParallelism } from 'node:os'
import { boot, constants as C, type Machine } from 'faultline'
import { LinuxPeer } from './linuxPeer.js'
import { median } from './measure.js'
import type { Scale } from './scale.js'
import { type Loop, newControl, OBJECT_PAGES, PASSES, type ScalingSeat, Turns } from './scalingWindow.js'
import { printTable, short } from './table.js'

const PAGE = 4096
const WORKERS = [1, 2, 4, 8] as const
const MOST = 8
/** What workers have in common. */
type Common = 'spaces' | 'segment' | 'threads'

/** A row of the table. */
interface ScalingCase {
  title: string
  common: Common
  loop: Loop
  /** Times one worker's rate that two must reach on two cores. */
  target?: number
}

const CASES: readonly ScalingCase[] = [
  { title: 'faults, spaces of their own', common: 'spaces', loop: 'faults', target: 1.8 },
  { title: 'faults, one segment', common: 'segment', loop: 'faults', target: 1.5 },
  { title: 'objects made, mapped and unmapped', common: 'spaces', loop: 'objects' },
  { title: 'faults, threads of one process', common: 'threads', loop: 'faults' },
  { title: 'reads, threads of one process', common: 'threads', loop: 'reads' },
  { title: 'reads, spaces of their own', common: 'spaces', loop: 'reads' },
  { title: 'reads, one segment', common: 'segment', loop: 'reads' },
]

/** Four or more workers reach so much of what two do. */
const KEPT = 0.9

/** Eight workers of one machine, who wait for windows. */
class Crew {
  readonly #control = newControl()
  readonly #turns = new Turns(this.#control)
  readonly #results = new Float64Array(new SharedArrayBuffer(MOST * 16))
  readonly #ends: Promise<unknown>[] = []

  private constructor(readonly machine: Machine) {}

  static async start(pages: number, threads: boolean): Promise<Crew> {
    const machine = await boot({ memory: '256MiB', cpus: MOST + 1 })
    const crew = new Crew(machine)
    const segment = machine.init.shmget(1, pages * PAGE, C.IPC_CREAT | 0o600)
    const module = new URL('./scalingWorker.js', import.meta.url)
    for (let index = 0; index < MOST; index++) {
      const workerData: ScalingSeat = { index, control: crew.#control, results: crew.#results, pages, segment }
      const { exited } = await (threads ? machine.init.clone(module, { workerData }) : machine.spawn(module, { workerData }))
      crew.#ends.push(exited)
    }
    return crew
  }

  /** References a second of so many workers together, or, by CPU time, a second of it. */
  async run({ common, loop }: ScalingCase, workers: number, { scalingWindow, cpu }: Scale): Promise<number> {
    const before = process.cpuUsage()
    await this.#turns.run({ workers, loop, segment: common === 'segment' }, scalingWindow, MOST)
    const { user, system } = process.cpuUsage(before)
    const each = Array.from({ length: workers }, (_, i) => ({
      done: this.#results[2 * i] as number,
      ms: this.#results[2 * i + 1] as number,
    }))
    if (cpu) return each.reduce((sum, { done }) => sum + done, 0) / ((user + system) / 1e6)
    return each.reduce((sum, { done, ms }) => sum + done / (ms / 1e3), 0)
  }

  async end(): Promise<void> {
    this.#turns.end()
    await Promise.all(this.#ends)
    this.machine.init.shmctl(this.machine.init.shmget(1, 0, 0), C.IPC_RMID)
    this.machine.validate()
    await this.machine.shutdown()
  }
}

/** Rates by workers, round by round. */
type Rates = number[][]

/** Both tables. */
export async function benchScaling(scale: Scale): Promise<void> {
  const { scalingPages: pages, scalingWindow: window, rounds, cpu } = scale
  const linux = LinuxPeer.build('linuxScaling.c')
  if (typeof linux === 'string') console.log(`\nscaling: no Linux to compare with: ${linux}`)
  const [processes, threads] = [await Crew.start(pages, false), await Crew.start(pages, true)]
  const ours = CASES.map((): Rates => WORKERS.map(() => []))
  const theirs = CASES.map((): Rates => WORKERS.map(() => []))
  for (let round = -1; round < rounds; round++) {
    for (const [row, bench] of CASES.entries()) {
      for (const [column, workers] of WORKERS.entries()) {
        const rate = await (bench.common === 'threads' ? threads : processes).run(bench, workers, scale)
        if (round < 0) continue
        ours[row]?.[column]?.push(rate)
        if (typeof linux === 'string') continue
        theirs[row]?.[column]?.push(
          linux.run(
            bench.common,
            bench.loop,
            workers,
            pages,
            bench.loop === 'objects' ? OBJECT_PAGES : PASSES,
            window,
            cpu ? 'cpu' : 'wall',
          ),
        )
      }
    }
  }
  await processes.end()
  await threads.end()
  if (typeof linux !== 'string') linux.remove()
  const unit = cpu ? 'million references a second of CPU time' : 'million references a second'
  const title = `${unit}, of all workers together; ${pages} pages, windows of ${window} ms, median of ${rounds}, ${availableParallelism()} cores`
  printTable(`scaling: ${title}`, [...heads(), 'two × one', 'least × two'], rows(ours, cpu))
  if (typeof linux !== 'string') printTable(`the same by Linux`, [...heads(), 'two × one', 'least × two'], rows(theirs, cpu))
}

function heads(): string[] {
  return ['', ...WORKERS.map(workers => (workers === 1 ? '1 worker' : `${workers} workers`))]
}

function rows(rates: readonly Rates[], cpu: boolean): string[][] {
  return CASES.map(({ title, target }, row) => {
    const each = rates[row] as Rates
    const [one, two] = [each[0] as number[], each[1] as number[]]
    // by CPU time, two workers on two cores do twice what they do a second of it
    const doubled = median(two.map((rate, round) => ((cpu ? 2 : 1) * rate) / (one[round] as number)))
    const kept = Math.min(...each.slice(2).map(more => median(more.map((rate, round) => rate / (two[round] as number)))))
    return [title, ...each.map(found => short(median(found) / 1e6)), marked(doubled, target), marked(kept, target && KEPT)]
  })
}

function marked(ratio: number, target: number | undefined): string {
  return target === undefined ? ratio.toFixed(2) : `${ratio.toFixed(2)} ${ratio >= target ? '✓' : '✗'} ≥ ${target}`
}
