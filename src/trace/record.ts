// Records a program's memory trace: runs it under Valgrind's lackey, whose log comes through a
// descriptor of its own, so that the program's input and outputs are untouched.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { atExit } from '../core/atExit.js'
import { InputError } from '../core/errors.js'
import { decodeTrace } from './decode.js'
import { type PackedTotals, PackedWriter } from './packedWriter.js'

/** The descriptor that lackey logs to: the first behind the standard ones. */
const LOG = 3
const NEWLINE = 10
/** The letter that an instruction fetch's line starts with; those of data start with a blank. */
const FETCH = 73

/** What to record and where to. */
export interface RecordOptions {
  /** The program, a name on PATH or a path, and its arguments. */
  command: readonly [string, ...string[]]
  /** The packed trace to write. */
  output: string
  /** Bytes in a page, 4096 unless given. */
  pageSize?: number
  /** Leaves instruction fetches out. */
  dataOnly?: boolean
  /** Kills the program after so many references. */
  limit?: number
  /** Records the program's children too, as if they shared its memory. */
  children?: boolean
}

/** What was recorded. */
export interface Recorded extends PackedTotals {
  /** How the program ended: by itself, by a signal, or at the limit. */
  ended: { code: number } | { signal: NodeJS.Signals } | 'limit'
}

/** Thrown through the decoder when the limit is reached. */
class LimitReached extends Error {}

/** A packed trace that takes no more than a number of references. */
class Recorder extends PackedWriter {
  readonly #limit: number
  readonly #onLimit: () => void
  #taken = 0

  constructor(path: string, limit: number, onLimit: () => void) {
    super(path, { level: 9 })
    this.#limit = limit
    this.#onLimit = onLimit
  }

  protected override drain(count: number): void {
    const taken = Math.min(count, this.#limit - this.#taken)
    super.drain(taken)
    this.#taken += taken
  }

  override async settle(): Promise<void> {
    await super.settle()
    if (this.#taken < this.#limit) return
    this.#onLimit()
    throw new LimitReached()
  }
}

/**
 * Runs a program and writes its references to a packed trace.
 *
 * Throws an InputError if Valgrind or the program is not there, if nothing was recorded, or if
 * the trace cannot be written; no trace is left then, nor if the process ends before the program.
 */
export async function record(options: RecordOptions): Promise<Recorded> {
  const { command, output, pageSize, dataOnly = false, limit = Number.POSITIVE_INFINITY, children = false } = options
  const valgrind = findProgram('valgrind')
  if (!valgrind) {
    throw new InputError('recording needs Valgrind, which is not on PATH; install it, for instance with: apt-get install valgrind')
  }
  const program = findProgram(command[0])
  if (!program) throw new InputError(`cannot record '${command[0]}': there is no such program`)
  const child = start(valgrind, [program, ...command.slice(1)], children)
  const kill = (): unknown => child.kill('SIGKILL')
  const forget = atExit(kill)
  const recorder = new Recorder(output, limit, kill)
  const ended = end(child)
  try {
    const limited = await decodeLog(child.stdio[LOG] as Readable, dataOnly, pageSize, recorder)
    const how = await ended
    const totals = await recorder.close()
    return { ...totals, ended: limited ? 'limit' : how }
  } catch (error) {
    kill()
    await recorder.abort()
    await ended
    throw error instanceof InputError ? new InputError(`cannot record '${command[0]}': ${error.message}`) : error
  } finally {
    forget()
  }
}

/** Decodes lackey's log to its end, or up to the limit; says whether that was reached. */
async function decodeLog(log: Readable, dataOnly: boolean, pageSize: number | undefined, recorder: Recorder): Promise<boolean> {
  try {
    const options = { format: 'lackey', ...(pageSize !== undefined && { pageSize }) }
    await decodeTrace(dataOnly ? withoutFetches(log) : log, options, recorder)
    return false
  } catch (error) {
    if (error instanceof LimitReached) return true
    throw error
  }
}

function start(valgrind: string, command: readonly string[], children: boolean): ChildProcess {
  const flags = ['--tool=lackey', '--trace-mem=yes', `--log-fd=${LOG}`, `--trace-children=${children ? 'yes' : 'no'}`]
  return spawn(valgrind, [...flags, '--', ...command], { stdio: ['inherit', 'inherit', 'inherit', 'pipe'] })
}

/** How the program ends. */
function end(child: ChildProcess): Promise<{ code: number } | { signal: NodeJS.Signals }> {
  return new Promise(resolve => {
    child.on('error', () => resolve({ code: 127 }))
    child.on('exit', (code, signal) => resolve(signal ? { signal } : { code: code ?? 0 }))
  })
}

/** The path of an executable file, looked for on PATH if the name is no path; undefined if there is none. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  const places = name.includes('/') ? [resolve(name)] : path.split(delimiter).map(folder => join(folder, name))
  return places.find(place => {
    try {
      accessSync(place, constants.X_OK)
      return statSync(place).isFile()
    } catch {
      return false
    }
  })
}

/** Lackey's lines without those of instruction fetches. */
async function* withoutFetches(log: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let inFetch = false
  let atStart = true
  for await (const chunk of log) {
    const kept = new Uint8Array(chunk.length)
    let length = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (atStart) inFetch = byte === FETCH
      atStart = byte === NEWLINE
      if (!inFetch) kept[length++] = byte
    }
    if (length > 0) yield kept.subarray(0, length)
  }
}
