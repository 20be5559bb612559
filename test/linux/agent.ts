// The agent that runs programs on Linux, as a process of its own: agent.py.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { callNamed } from './calls/index.js'
import { type Argument, callOf, constant, isText, type Places, reference, type Shown, type Step, showNumber, TOP } from './program.js'

/** The longest that a program may take, in milliseconds, and under pressure. */
const PATIENCE = 60_000
const PRESSED_PATIENCE = 600_000

/** An argument as the agent takes it: numbers beyond 2^53 as text, and as 64 bits at most. */
function native(argument: Argument): number | string {
  if (isText(argument) || reference(argument)) return argument
  const value = constant(argument)
  if (Number.isSafeInteger(value)) return value
  return value >= 2 ** 64 ? '0xffffffffffffffff' : `${BigInt(value)}`
}

/** Programs cannot run on the system underneath. */
export class Obstacle extends Error {}

/** Why programs cannot run on a system like this; undefined if they may. */
function systemObstacle(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `this is ${process.platform} on ${process.arch}, not Linux on x64`
  if (process.getuid?.() !== 0) return 'this is not root, which namespaces and other uids need'
  return undefined
}

/** Why programs cannot run under pressure on a system like this; undefined if they may. */
function pressureObstacle(): string | undefined {
  if (!existsSync('/sys/fs/cgroup/memory/memory.force_empty')) return 'there is no memory controller of cgroup v1'
  if (!existsSync('/sys/class/zram-control/hot_add')) return 'there is no zram'
  return undefined
}

/** One agent. */
export class Agent {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>
  #places: Places = { top: TOP, brk: 0 }

  /** Under pressure everything that can be goes to swap every few steps. */
  private constructor(readonly pressed: boolean) {
    const script = fileURLToPath(new URL('../../test/linux/agent.py', import.meta.url))
    this.#child = spawn('python3', [script, ...(pressed ? ['--pressure'] : [])], { stdio: ['pipe', 'pipe', 'inherit'] })
    // that it could not start shows by its ending
    this.#child.on('error', () => {})
    this.#child.stdin.on('error', () => {})
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  /** Starts an agent and tries it. Rejects with an Obstacle where it cannot run. */
  static async start(pressed = false): Promise<Agent> {
    const reason = systemObstacle() ?? (pressed ? pressureObstacle() : undefined)
    if (reason !== undefined) throw new Obstacle(reason)
    try {
      const agent = await Agent.#try(pressed)
      await agent.run([['fork', 1], ['wait']])
      return agent
    } catch (error) {
      throw new Obstacle(`python3 test/linux/agent.py cannot run programs here: ${error}`)
    }
  }

  static async #try(pressed: boolean): Promise<Agent> {
    const agent = new Agent(pressed)
    const [top = 0, brk = 0] = (await agent.#line()).split(' ').map(Number)
    agent.#places = { top, brk }
    return agent
  }

  async #line(): Promise<string> {
    let timer: NodeJS.Timeout | undefined
    const patience = this.pressed ? PRESSED_PATIENCE : PATIENCE
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#child.kill('SIGKILL')
        reject(new Error(`the agent took more than ${patience / 1000} s`))
      }, patience)
    })
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late])
      if (done) throw new Error('the agent ended')
      return value
    } finally {
      clearTimeout(timer)
    }
  }

  /** What Linux answers to a program. */
  async run(steps: readonly Step[]): Promise<Shown[]> {
    const calls = steps.map(step => ({ ...callOf(step), args: step.slice(1).map(native) }))
    const message = calls.map(({ process: index, name, args, waits }) => [index, ...(waits ? ['&'] : []), ...callNamed(name).linux(args)])
    this.#child.stdin.write(`${JSON.stringify(message)}\n`)
    const answers = JSON.parse(await this.#line()) as Shown[]
    const begun = new Map<number, (typeof calls)[number]>()
    return answers.map((answer, i) => {
      const call = calls[i] as (typeof calls)[number]
      if (call.waits) begun.set(call.process, call)
      const { name, args } = (call.name === 'join' && begun.get(call.process)) || call
      const { address, decode } = callNamed(name)
      if (typeof answer === 'number') return address ? showNumber(answer, this.#places) : answer
      return Array.isArray(answer) && decode ? decode(answer, args) : answer
    })
  }

  /** Ends the agent, which takes away what it made. */
  stop(): void {
    this.#child.stdin.end()
  }
}

/**
 * Does something with an agent. The process's exit code becomes 1 if it says false, 2 if programs
 * cannot run here, which is printed.
 */
export async function withAgent(command: string, use: (agent: Agent) => Promise<boolean>, pressed = false): Promise<void> {
  let agent: Agent
  try {
    agent = await Agent.start(pressed)
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error
    console.log(`${command} did not run: ${error.message}`)
    process.exitCode = 2
    return
  }
  try {
    if (!(await use(agent))) process.exitCode = 1
  } finally {
    agent.stop()
  }
}
