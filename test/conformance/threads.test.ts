// Programs of the threads of one process, a step after another: the machine answers what Linux did to fixtures/threads.py.
import { readFileSync } from 'node:fs'
import { constants as C, type Machine, type WorkerProcess } from 'faultline'
import { describe, expect, it } from 'vitest'
import { pause, until } from '../concurrency/workers.ts'
import { withMachine } from '../machines.ts'

type Answer = number | string

interface Recorded {
  name: string
  steps: [call: string, ...number[]][]
  results: Answer[]
  status: Answer
  /** What the semaphore is in the end, which was 1. */
  semaphore: number
}

const MOST_THREADS = 4
const { kernel, programs } = JSON.parse(readFileSync(new URL('../fixtures/threads.json', import.meta.url), 'utf8')) as {
  kernel: string
  programs: Recorded[]
}

/** A process whose threads take turns. */
class Drive {
  readonly #machine: Machine
  readonly #boxes = Array.from({ length: MOST_THREADS }, () => new SharedArrayBuffer(1024))
  readonly #tids = new SharedArrayBuffer(4 * MOST_THREADS)
  readonly #began = new Set<number>()
  #worker: WorkerProcess | undefined

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** Starts the first thread. */
  async start(semaphore: number): Promise<WorkerProcess> {
    const workerData = { thread: 0, boxes: this.#boxes, tids: this.#tids, semaphore }
    this.#worker = await this.#machine.spawn(new URL('thread.mjs', import.meta.url), { workerData })
    await until(() => this.#tidOf(0) !== 0)
    return this.#worker
  }

  #tidOf(thread: number): number {
    return Atomics.load(new Int32Array(this.#tids), thread)
  }

  /** The threads of the process that live. */
  #threads(): readonly { tid: number; state: string }[] {
    return this.#machine.inspect().processes.find(({ pid }) => pid === this.#worker?.pid)?.threads ?? []
  }

  /** What a thread answers; that it waits, only where Linux's did: one that was just woken may seem to sleep until it runs. */
  async #hear(thread: number, expected: Answer): Promise<Answer> {
    const words = new Int32Array(this.#boxes[thread] as SharedArrayBuffer, 0, 2)
    while (Atomics.load(words, 0) !== 2) {
      const own = this.#threads().find(({ tid }) => tid === this.#tidOf(thread))
      if (!own) return 'gone'
      if (expected === 'waits' && this.#began.has(thread) && own.state === 'sleeping' && Atomics.load(words, 0) === 1) return 'waits'
      await pause()
    }
    const answer = JSON.parse(Buffer.from(this.#boxes[thread] as SharedArrayBuffer, 8, words[1]).toString()) as Answer
    Atomics.store(words, 0, 0)
    return answer
  }

  /** What a step answers, where Linux's answer was `expected`. */
  async step([call, ...args]: Recorded['steps'][number], expected: Answer): Promise<Answer> {
    const [, first = '0', name = '', waits] = /^(?:(\d+):)?(\w+)(&?)$/.exec(call) ?? []
    const thread = Number(first)
    if (name === 'join') return this.#hear(thread, expected)
    if (!this.#threads().some(({ tid }) => tid === this.#tidOf(thread))) return 'gone'
    if (waits) this.#began.add(thread)
    else this.#began.delete(thread)
    const box = this.#boxes[thread] as SharedArrayBuffer
    const text = Buffer.from(JSON.stringify([name, ...args]))
    new Uint8Array(box, 8).set(text)
    const words = new Int32Array(box, 0, 2)
    words[1] = text.length
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
    const answer = await this.#hear(thread, expected)
    if (name !== 'exit' && name !== 'kill') return answer
    // who signals its own process may answer before its thread has ended
    await until(() => this.#threads().length === 0)
    return 'gone'
  }
}

describe(`threads do as on ${kernel}:`, () => {
  it.each(programs.map(program => [program.name, program] as const))('%s', (_, { steps, results, status, semaphore }) =>
    withMachine(
      async (machine, init) => {
        const set = init.semget(C.IPC_PRIVATE, 1, 0o600)
        init.semctl(set, 0, C.SETVAL, 1)
        const drive = new Drive(machine)
        const { exited } = await drive.start(set)
        const answers: Answer[] = []
        for (const [index, step] of steps.entries()) answers.push(await drive.step(step, results[index] as Answer))
        expect(answers).toEqual(results)
        const code = await exited
        expect(code > 128 ? `signal ${code - 128}` : code).toBe(status)
        expect(init.semctl(set, 0, C.GETVAL)).toBe(semaphore)
        init.semctl(set, 0, C.IPC_RMID)
      },
      { cpus: MOST_THREADS + 1 },
    ),
  )
})
