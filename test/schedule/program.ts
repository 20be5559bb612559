// What is explored: a program of a few calls for each thread. It is data, but for its check.

/**
 * A call of `calls.ts` and its arguments; `$0` is what the thread's first call answered. `@$0` or `@4` behind the name says in which
 * of its thread's processes. In a setup and the like, `a.` before it says whose call it is; it is init's without.
 */
export type Call = readonly [name: string, ...args: (number | string)[]]

/** What a call answered: a number, below 0 for -errno; or the name of the signal that a bad access sends. */
export type Result = number | string

/** The answers of each thread, in the order of its calls. */
export type Results = Readonly<Record<string, readonly Result[]>>

/** A program. */
export interface Program {
  name: string
  /** Frames of the machine: 512 unless given. */
  frames?: number
  /** What is done before, by one thread after the other. */
  setup: readonly Call[]
  /** What the threads do at the same time: `init` is process 1, and `a`, `b`, … are children of init with pids 2, 3, …, or as `clones` says. */
  threads: Readonly<Record<string, readonly Call[]>>
  /** Which threads are of another's process, as by clone: `b: 'a'`. */
  clones?: Readonly<Record<string, string>>
  /** What is called when all threads are through, before the books are looked at; its answers are those of `after`. */
  after?: readonly Call[]
  /** What the calls may answer, by thread and place; where nothing is said, they succeed. */
  answers?: Readonly<Record<string, readonly (readonly Result[] | undefined)[]>>
  /** Whether the calls may answer anything: somebody else judges. */
  anyAnswer?: boolean
  /** What is wrong with the answers together, if anything. */
  check?: (results: Results) => string | undefined
  /** What is done after that, when the processes of `a`, `b`, … have ended: so much that as many frames are free as before the setup. */
  teardown?: readonly Call[]
  /** How the panic begins that the machine may end with, if a thread vanished in a call. */
  mayPanic?: string
}

/** The names of a program's threads: init's first, whose thread is CPU 0. */
export function threadNames(program: Program): string[] {
  return ['init', ...Object.keys(program.threads).filter(name => name !== 'init')]
}

/** The first answer that a program does not allow. */
export function wrongAnswer(program: Program, results: Results): string | undefined {
  if (program.anyAnswer) return undefined
  for (const [thread, own] of Object.entries(results)) {
    for (const [index, answer] of own.entries()) {
      const allowed = program.answers?.[thread]?.[index]
      if (allowed ? allowed.includes(answer) : typeof answer === 'number' && answer >= 0) continue
      const calls = thread === 'after' ? program.after : program.threads[thread]
      return `${calls?.[index]?.join(' ')} of ${thread} answers ${answer}${allowed ? `, not ${allowed.join(' or ')}` : ''}`
    }
  }
  return program.check?.(results)
}
