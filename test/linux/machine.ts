// Programs on the machine: each on a machine of its own, checked for its books.
import { boot, type Cgroup, FaultError, type Machine, type Process, type SysctlName, SysError } from 'faultline'
import { callNamed } from './calls/index.js'
import { type Argument, callOf, constant, isText, reference, type Shown, type Step, showNumber, TOP } from './program.js'

/** Steps between two squeezes of what is under pressure. */
const SQUEEZED_STEPS = 3
/** Ids of segments that a program leaves behind are looked for at indices below. */
const INDICES = 64

/** A call that waits on the machine, which looks after it ten times a second, is given so many milliseconds, and turns, to end. */
const PATIENCE = 300
const TURNS = 30

/** A call that may wait, and what it came to. */
interface Begun {
  answer?: [number, Shown]
}

/** What a call returns, undefined if it fails. */
function attempt<Result>(call: () => Result): Result | undefined {
  try {
    return call()
  } catch (error) {
    if (error instanceof SysError) return undefined
    throw error
  }
}

/** A machine on which steps run. */
export class MachineRun {
  readonly answers: Shown[] = []
  readonly results: number[] = []
  readonly #free: number
  readonly #brk: number
  /** The parts of paths where there may be files, and how many parts those have. */
  readonly #parts = new Set<string>()
  #depth = 1
  readonly #processes: Map<number, Process>
  /** What processes began with "&". */
  readonly #begun = new Map<number, Begun>()

  private constructor(
    readonly machine: Machine,
    readonly group?: Cgroup,
  ) {
    this.#free = machine.freeFrames
    const process = machine.init.fork()
    // where the agent has mappings of its own, so that nothing grows there, and data, so that no data are too much
    process.mmap(TOP, 4096, 0, constant('MAP_SHARED|MAP_ANONYMOUS|MAP_FIXED'), -1, 0)
    process.mmap(TOP + 4096, 4096, constant('PROT_READ|PROT_WRITE'), constant('MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED'), -1, 0)
    this.#brk = process.brk(0)
    this.#processes = new Map([[0, process]])
    group?.assign(process)
  }

  /** A machine whose process 0 has pid 2, with a disk at /mnt if `disk` says so; under pressure if it is `pressed`. */
  static async start(disk = false, pressed = false): Promise<MachineRun> {
    const machine = await boot({ memory: '8MiB', target: 'debug' })
    if (disk) machine.mount('/mnt', { type: 'disk', size: '4MiB' })
    if (!pressed) return new MachineRun(machine)
    machine.swapon({ size: '4MiB' })
    return new MachineRun(machine, machine.cgroup('pressed'))
  }

  /** Under pressure, has every few steps all go to swap that can. */
  #squeeze(): void {
    if (!this.group || this.answers.length % SQUEEZED_STEPS !== 0) return
    this.machine.cgroup(this.group.name, { memoryMax: 0 })
    this.machine.cgroup(this.group.name, { memoryMax: 'max' })
  }

  #value(argument: Argument): number {
    const referred = reference(argument)
    return referred ? (this.results[referred.step] ?? -1) + referred.plus : constant(argument)
  }

  /** Whether a process that the program knows by a number has not ended. */
  isAlive(number: number): boolean {
    return attempt(() => this.#processes.get(number)?.getppid()) !== undefined
  }

  /** Runs a step; what the machine answers. Whatever is no error of a call is thrown. */
  run(step: Step): Shown {
    if (this.#begun.has(callOf(step).process)) return this.#note([-1, 'busy'])
    return this.#note(this.#answer(step))
  }

  /** The same for a step that may wait, or asks what another came to that did. */
  async runWaiting(step: Step): Promise<Shown> {
    const { process, waits } = callOf(step)
    if (waits && this.#begun.has(process)) return this.#note([-1, 'busy'])
    if (waits) this.#begun.set(process, this.#begin(step))
    const begun = this.#begun.get(process)
    if (!begun) return this.#note([-1, 'none'])
    const end = performance.now() + (waits ? 0 : PATIENCE)
    for (let turn = 0; !begun.answer && (turn < (waits ? 2 : TURNS) || performance.now() < end); turn++) {
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    if (begun.answer) this.#begun.delete(process)
    return this.#note(begun.answer ?? [-1, 'waits'])
  }

  /** Whether the call that a process began with "&" is known to have ended. */
  hasEnded(process: number): boolean {
    return this.#begun.get(process)?.answer !== undefined
  }

  #note([result, shown]: readonly [number, Shown]): Shown {
    this.#squeeze()
    this.results.push(result)
    this.answers.push(shown)
    return shown
  }

  #begin(step: Step): Begun {
    const { process, args, texts } = this.#resolve(step)
    const { later } = callNamed(callOf(step).name)
    if (!later) throw new Error(`the machine has no ${step[0]}`)
    const begun: Begun = {}
    later(process, args, texts).then(
      answer => {
        begun.answer = answer ? [...answer] : [0, 0]
      },
      error => {
        begun.answer = [-1, error instanceof SysError ? error.code : String(error)]
      },
    )
    return begun
  }

  /** The process of a step and its arguments: numbers, and texts. */
  #resolve(step: Step): { process: Process; args: number[]; texts: string[] } {
    const { process: number } = callOf(step)
    const process = this.#processes.get(number)
    if (!process) throw new Error(`there is no process ${number}`)
    const args = step.slice(1).map(argument => (isText(argument) ? 0 : this.#value(argument)))
    const texts = step.slice(1).flatMap(argument => (isText(argument) ? argument.slice(1) : []))
    return { process, args, texts }
  }

  #answer(step: Step): readonly [number, Shown] {
    const { name } = callOf(step)
    const { process, args, texts } = this.#resolve(step)
    for (const text of texts) this.#noteParts(name.startsWith('sem_') ? `sem.${text.replace(/^\/+/, '')}` : text)
    try {
      if (name === 'fork') {
        const child = process.fork()
        this.#processes.set(args[0] as number, child)
        return [child.pid, child.pid]
      }
      if (name === 'sysctl') {
        this.machine.sysctl(texts[0] as SysctlName, args[1])
        return [0, 0]
      }
      const { machine, address } = callNamed(name)
      if (!machine) throw new Error(`the machine has no ${name}`)
      const answer = machine(process, args, texts) ?? 0
      if (typeof answer !== 'number') return answer
      return [answer, address ? showNumber(answer, { top: TOP, brk: this.#brk }) : answer]
    } catch (error) {
      if (error instanceof SysError || error instanceof FaultError) return [-1, error.code]
      throw error
    }
  }

  #noteParts(path: string): void {
    const parts = path
      .replace(/^\/(dev\/shm|mnt)/, '')
      .split('/')
      .filter(part => part !== '' && part !== '.' && part !== '..')
    for (const part of parts) this.#parts.add(part)
    // what is in a directory may be renamed into another
    if (parts.length > 1) this.#depth = 4
  }

  /** Removes whatever a program may have left in a directory. */
  #removeFiles(directory: string, depth: number): void {
    const { init } = this.machine
    for (const part of depth === 0 ? [] : this.#parts) {
      const path = `${directory}/${part}`
      attempt(() => init.unlink(path))
      if (attempt(() => init.stat(path)) === undefined) continue
      this.#removeFiles(path, depth - 1)
      attempt(() => init.rmdir(path))
    }
  }

  /** Ends all processes, segments and files. Throws an Error if the books do not balance. */
  finish(): void {
    const { machine } = this
    machine.validate()
    for (const process of this.#processes.values()) attempt(() => process.exit(0))
    while (attempt(() => machine.init.wait())) {}
    for (let index = 0; index < INDICES; index++) attempt(() => machine.init.shmctl(machine.init.shmctl(index, 13).id, 0))
    for (let index = 0; index < INDICES; index++) attempt(() => machine.init.semctl(machine.init.semctl(index, 0, 18).id, 0, 0))
    for (let index = 0; index < INDICES; index++) attempt(() => machine.init.msgctl(machine.init.msgctl(index, 11).id, 0))
    for (const name of this.#parts) attempt(() => machine.init.mq_unlink(`/${name}`))
    this.#removeFiles('/dev/shm', this.#depth)
    if (machine.disks.length > 0) this.#removeFiles('/mnt', this.#depth)
    this.group?.remove()
    machine.validate()
    if (machine.freeFrames !== this.#free) throw new Error(`${this.#free} frames were free, now ${machine.freeFrames}`)
  }
}

/** What the machine answers to a program; at the end, what else it throws, if anything. */
export async function runOnMachine(steps: readonly Step[], checked = false, pressed = false): Promise<Shown[]> {
  const disk = steps.some(step => step.some(argument => String(argument).startsWith("'/mnt/")))
  const run = await MachineRun.start(disk, pressed)
  try {
    for (const step of steps) {
      const { name, waits } = callOf(step)
      if (waits || name === 'join') await run.runWaiting(step)
      else run.run(step)
      if (checked) run.machine.validate()
    }
    run.finish()
  } catch (error) {
    run.answers.push(String(error))
  }
  return run.answers
}
