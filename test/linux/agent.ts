// The agent that runs programs on Linux, as a process of its own: agent.py.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { callNamed } from './calls/index.js'
import { type Argument, callOf, constant, isText, reference, type Shown, type Step, showNumber } from './program.js'

/** The longest that a program may take, in milliseconds. */
const PATIENCE = 60_000

/** Why programs cannot run on the system underneath, undefined if they can. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return `this is ${process.platform} on ${process.arch}, not Linux on x64`
  if (process.getuid?.() !== 0) return 'this is not root, which namespaces and other uids need'
  return undefined
}

/** An argument as the agent takes it: numbers beyond 2^53 as text, and as 64 bits at most. */
function native(argument: Argument): number | string {
  if (isText(argument) || reference(argument)) return argument
  const value = constant(argument)
  if (Number.isSafeInteger(value)) return value
  return value >= 2 ** 64 ? '0xffffffffffffffff' : `${BigInt(value)}`
}

/** One agent. */
export class Agent {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>
  #top = 0

  private constructor() {
    const script = fileURLToPath(new URL('../../test/linux/agent.py', import.meta.url))
    this.#child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  /** Starts an agent. Rejects if it cannot run. */
  static async start(): Promise<Agent> {
    const agent = new Agent()
    agent.#top = Number(await agent.#line())
    return agent
  }

  async #line(): Promise<string> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#child.kill('SIGKILL')
        reject(new Error(`the agent took more than ${PATIENCE / 1000} s`))
      }, PATIENCE)
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
    const message = calls.map(({ process: index, name, args }) => [index, ...callNamed(name).linux(args)])
    this.#child.stdin.write(`${JSON.stringify(message)}\n`)
    const answers = JSON.parse(await this.#line()) as Shown[]
    return answers.map((answer, i) => {
      const { name = '', args = [] } = calls[i] ?? {}
      if (typeof answer === 'number') return showNumber(answer, this.#top)
      const { decode } = callNamed(name)
      return Array.isArray(answer) && decode ? decode(answer, args) : answer
    })
  }

  /** Ends the agent. */
  stop(): void {
    this.#child.stdin.end()
  }
}
