// Runs a program under a schedule: at every point a strategy says which thread goes on. A thread that sleeps is not
// asked; if all do, that is a deadlock.
import type { SchedBuild } from './build.js'
import { CALLS, type Step } from './calls.js'
import { SchedMachine } from './machine.js'
import { type Call, type Program, type Result, type Results, threadNames, wrongAnswer } from './program.js'
import { type Conductor, LEFT, type Thread } from './thread.js'

/** Says which thread goes on at a decision: one whose bit is set in `able`; that of `current` is, too, unless it cannot go on. */
export type Strategy = (able: number, current: number, step: number) => number

/** A call of a run, and when it began and ended, by a clock that counts both. */
export interface Timed {
  call: Call
  answer: Result
  began: number
  ended: number
}

/** Something that a thread did: at a site of the build, or a text. */
export interface Done {
  thread: number
  site?: number
  address?: number
  text?: string
}

/** How a run ended. */
export interface Outcome {
  /** What was wrong. */
  failure: string | undefined
  /** Who went on at each decision. */
  choices: readonly number[]
  /** Who could have, a bit each. */
  able: readonly number[]
  results: Results
}

/** More decisions than this, and the threads run in circles. */
const MOST_STEPS = 20_000
/** So often a thread may look at the same word again, before another gets its turn. */
const MOST_LOOKS = 20
/** Sleeps that are to be ended by a notify: the core looks for a panic after so many milliseconds. */
const PATIENCE = 100

interface Sleep {
  word: number
  expected: number
  /** Whether the word's change ends it, or a notify alone. */
  polls: boolean
  /** Another word whose change ends it. */
  unless: { word: number; expected: number } | undefined
  notified: boolean
  /** When it began, among sleeps. */
  since: number
}

/** A thread and how far it is in its program. */
interface Runner {
  name: string
  cpu: number
  calls: readonly Call[]
  next: number
  /** The call that it is in, what that does next, and the answer to what it did last. */
  body: Generator<Step, Result, number> | undefined
  step: Step | undefined
  answer: number
  results: Result[]
  times: { began: number; ended: number }[]
  sleep: Sleep | undefined
  ended: boolean
  looks: number
  /** Where it is. */
  site: number
  address: number
}

/** The strategy that lets a thread run as long as it can. */
export const stay: Strategy = (able, current) => (current >= 0 && (able & (1 << current)) !== 0 ? current : lowest(able))

/** The first thread of a set. */
export function lowest(able: number): number {
  return 31 - Math.clz32(able & -able)
}

/** A program that can be run again and again. */
export class Scheduler implements Conductor {
  readonly program: Program
  readonly machine: SchedMachine
  readonly names: readonly string[]
  /** What each thread did, while `tracing`. */
  trace: Done[] = []
  tracing = false
  #runners: Runner[] = []
  #running = false
  #current = -1
  #pending = -1
  #sleeps = 0
  #clock = 0
  #choices: number[] = []
  #able: number[] = []
  #strategy: Strategy = stay
  /** Whether a thread was ended in a call, which the machine need not survive. */
  #vanishedInCall = false

  /** Builds the machine and does the setup. */
  constructor(build: SchedBuild, program: Program) {
    this.program = program
    this.names = threadNames(program)
    const processes = this.names.map((name, cpu) => {
      const of = program.clones?.[name]
      return of === undefined ? cpu : this.names.indexOf(of)
    })
    this.machine = new SchedMachine(build, program.frames ?? 512, processes, this)
    this.#sequence(program.setup, true)
    this.machine.save()
  }

  /** What each thread called in the last run, if all calls ended. */
  get history(): Timed[][] {
    return this.#runners.map(({ calls, results, times }) =>
      results.map((answer, index) => ({ call: calls[index] as Call, answer, ...(times[index] as { began: number; ended: number }) })),
    )
  }

  /** Does calls one after the other; throws if one fails that must not. */
  #sequence(calls: readonly Call[], strict: boolean): Result[] {
    return calls.map(call => {
      const [, who = 'init', rest = ''] = /^(?:(\w+)\.)?(.+)$/.exec(call[0]) ?? []
      const cpu = this.names.indexOf(who)
      const body = this.#body(cpu, [rest, ...call.slice(1)])
      let answer = Number.NaN
      while (true) {
        const { done, value } = body.next(answer)
        if (done) {
          if (strict && typeof value === 'number' && value < 0) throw new Error(`${call.join(' ')} of ${this.program.name} gives ${value}`)
          return value as Result
        }
        if (!('call' in value)) throw new Error(`${call.join(' ')} of ${this.program.name} sleeps`)
        const exports = cpu === 0 ? this.machine.alone : this.machine.threads[cpu]?.exports
        answer = exports?.[value.call]?.(...value.args) ?? 0
      }
    })
  }

  #body(cpu: number, [name, ...args]: Call): Generator<Step, Result, number> {
    const [, call = '', pid] = /^(\w+)(?:@(\$?\d+))?$/.exec(name) ?? []
    const make = CALLS[call]
    if (!make) throw new Error(`${this.program.name}: there is no call ${name}`)
    const known = (argument: string | number): string | number => {
      const [, who, index] = /^\$([a-z]*)(\d+)$/.exec(String(argument)) ?? []
      if (index === undefined) return argument
      return this.#runners[who ? this.names.indexOf(who) : cpu]?.results[Number(index)] ?? Number.NaN
    }
    const caller = { machine: this.machine, cpu, pid: pid === undefined ? (this.machine.pids[cpu] ?? 0) : Number(known(pid)) }
    return make(caller, ...(args.map(known) as never[]))
  }

  /** Runs the program once from its setup on, and checks everything. */
  run(strategy: Strategy): Outcome {
    this.machine.restore()
    this.#strategy = strategy
    this.#choices = []
    this.#able = []
    this.#vanishedInCall = false
    this.trace = []
    this.#runners = this.names.map((name, cpu) => ({
      ...{ name, cpu, calls: this.program.threads[name] ?? [], next: 0, body: undefined, step: undefined },
      ...{ answer: Number.NaN, results: [], times: [], sleep: undefined, ended: false, looks: 0, site: -1, address: 0 },
    }))
    let failure = this.#play()
    this.#running = false
    const results: Record<string, Result[]> = Object.fromEntries(this.#runners.map(({ name, results: own }) => [name, own]))
    failure ??= this.#guarded(() => this.#settle(results))
    const { panic } = this.machine
    if (panic !== undefined) {
      const { mayPanic } = this.program
      const allowed = mayPanic !== undefined && this.#vanishedInCall && panic.startsWith(mayPanic)
      failure = allowed ? undefined : `the machine panicked: ${panic}`
    }
    return { failure, choices: this.#choices, able: this.#able, results }
  }

  /** Lets the threads run until all are through; what went wrong. */
  #play(): string | undefined {
    return this.#guarded(() => {
      this.#current = -1
      while (true) {
        const able = this.#ableNow()
        if (able === 0) return this.#stuck()
        this.#running = true
        this.#pending = this.#decide(able)
        while (this.#pending >= 0) {
          const next = this.#runners[this.#pending] as Runner
          this.#current = this.#pending
          this.#pending = -1
          this.#advance(next)
        }
      }
    })
  }

  /** A trap, or an error of ours, is a failure. */
  #guarded(what: () => string | undefined): string | undefined {
    try {
      return what()
    } catch (error) {
      this.#running = false
      return error instanceof WebAssembly.RuntimeError || error instanceof Circles
        ? `${this.names[this.#current]}: ${error.message}`
        : String(error)
    }
  }

  /** Why nobody can go on; nothing if all are through. */
  #stuck(): string | undefined {
    this.#running = false
    const asleep = this.#runners.filter(({ sleep, ended }) => sleep && !ended)
    if (asleep.length === 0) return undefined
    const lost = asleep.find(({ sleep }) => sleep && this.#hasChanged(sleep))
    const names = asleep.map(({ name }) => name).join(', ')
    return lost ? `a lost wake-up: ${lost.name} sleeps on a word that has changed` : `a deadlock, all that are left sleep: ${names}`
  }

  /** The threads that can go on, a bit each. */
  #ableNow(): number {
    let able = 0
    for (let index = 0; index < this.#runners.length; index++) if (this.#isAble(this.#runners[index] as Runner)) able |= 1 << index
    return able
  }

  #isAble({ sleep, next, calls, body, ended }: Runner): boolean {
    if (ended) return false
    if (!sleep) return body !== undefined || next < calls.length
    const { notified, polls, unless } = sleep
    return notified || (polls && this.#hasChanged(sleep)) || (unless !== undefined && this.#hasChanged(unless))
  }

  #hasChanged({ word, expected }: { word: number; expected: number }): boolean {
    return this.machine.word(word) !== expected
  }

  #decide(able: number): number {
    const step = this.#choices.length
    if (step > MOST_STEPS) throw new Circles('the threads run in circles')
    const choice = this.#strategy(able, this.#current, step)
    this.#choices.push(choice)
    this.#able.push(able)
    return choice
  }

  /** Lets a thread run until it is at a point where another goes on, sleeps, or is done with an export. */
  #advance(runner: Runner): void {
    const thread = this.machine.threads[runner.cpu] as Thread
    runner.sleep = undefined
    if (thread.isLeft) {
      this.#noteSite(runner)
      this.#answered(runner, thread.goOn())
      return
    }
    const step = runner.step ?? this.#nextStep(runner)
    runner.step = undefined
    if (!step) return
    if ('call' in step) this.#answered(runner, thread.call(step.call, step.args))
    else if ('sleep' in step) {
      const { sleep: word, expected, unless, polls = false } = step
      // the host compares before it sleeps, too
      if (this.#hasChanged({ word, expected })) return
      runner.sleep = { word, expected, polls, unless, notified: false, since: this.#sleeps++ }
      this.#note(runner.cpu, 'sleeps')
    } else {
      this.machine.threads[step.end]?.abandon()
      ;(this.#runners[step.end] as Runner).ended = true
      if (this.machine.word(this.machine.field(step.end, 'entered')) !== 0) this.#vanishedInCall = true
      this.#answered(runner, 0)
    }
  }

  #answered(runner: Runner, result: number | typeof LEFT): void {
    if (result === LEFT) return
    runner.answer = result
    runner.step = this.#nextStep(runner)
  }

  /** What a thread's call does next, or its next call if it is in none; nothing if the call is over. */
  #nextStep(runner: Runner): Step | undefined {
    if (!runner.body) {
      const call = runner.calls[runner.next++] as Call
      this.#note(runner.cpu, call.join(' '))
      runner.body = this.#body(runner.cpu, call)
      runner.answer = Number.NaN
      runner.times.push({ began: this.#clock++, ended: Number.POSITIVE_INFINITY })
    }
    const { done, value } = runner.body.next(runner.answer)
    if (!done) return value
    runner.body = undefined
    runner.results.push(value)
    ;(runner.times.at(-1) as { ended: number }).ended = this.#clock++
    this.#note(runner.cpu, `= ${value}`)
    return undefined
  }

  #note(thread: number, text: string): void {
    if (this.tracing) this.trace.push({ thread, text })
  }

  #noteSite({ cpu, site, address }: Runner): void {
    if (this.tracing) this.trace.push({ thread: cpu, site, address })
  }

  point(_: Thread, address: number, site: number): boolean {
    if (!this.#running) return false
    const runner = this.#runners[this.#current] as Runner
    runner.looks = site === runner.site && address === runner.address ? runner.looks + 1 : 0
    runner.site = site
    runner.address = address
    let able = this.#ableNow()
    // who looks at a word again and again waits for another thread
    const others = able & ~(1 << this.#current)
    if (runner.looks >= MOST_LOOKS && others !== 0) {
      runner.looks = 0
      able = others
    }
    const choice = this.#decide(able)
    if (choice === this.#current) {
      this.#noteSite(runner)
      return false
    }
    this.#pending = choice
    return true
  }

  waking(_: Thread, count: number): void {
    if (!this.#running) return
    const { address } = this.#runners[this.#current] as Runner
    const sleeps = this.#runners.flatMap(({ sleep }) => (sleep && !sleep.notified && sleep.word === address ? [sleep] : []))
    for (const sleep of sleeps.sort((a, b) => a.since - b.since).slice(0, count)) sleep.notified = true
  }

  wait(_: Thread, address: number, expected: number, milliseconds: number): boolean {
    if (!this.#running) throw new Error('a thread sleeps though no other can wake it')
    if (this.machine.word(address) !== expected) return false
    const runner = this.#runners[this.#current] as Runner
    this.#note(this.#current, 'sleeps')
    const polls = milliseconds < PATIENCE
    runner.sleep = { word: address, expected, polls, unless: undefined, notified: false, since: this.#sleeps++ }
    return true
  }

  /** Ends the threads' processes, does what is done then, and looks at the books. */
  #settle(results: Record<string, Result[]>): string | undefined {
    const { machine, program } = this
    if (machine.panic !== undefined) return undefined
    results.after = this.#sequence(program.after ?? [], false)
    const wrong = wrongAnswer(program, results) ?? machine.validate()
    if (wrong !== undefined) return wrong
    for (const { cpu, ended } of this.#runners) {
      if (cpu !== 0 && !ended) machine.alone.cpu_leave?.(cpu, machine.pids[cpu] ?? 0, 0)
    }
    this.#sequence(program.teardown ?? [], true)
    const lost = machine.freeAtFirst - machine.freeFrames
    return lost === 0 ? undefined : `${lost} frames are lost`
  }
}

/** Thrown where threads run for ever. */
class Circles extends Error {}
