// The Linux underneath, as a peer of the machine: a program in C, compiled when a compiler is there.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const COMPILERS = ['cc', 'gcc', 'clang']

/** What linux.c measures. */
export type LinuxCase = 'anonymous' | 'shared' | 'cached' | 'copyOnWrite' | 'fork' | 'unmap' | 'segment' | 'swap'

/** The compiled loops, in a temporary folder. */
export class LinuxPeer {
  readonly #folder: string
  readonly #program: string

  private constructor(folder: string, program: string) {
    this.#folder = folder
    this.#program = program
  }

  /** Compiles the loops of a source in this folder; a string that says why there is no peer, if the system is not Linux or has no compiler. */
  static build(source: 'linux.c' | 'linuxScaling.c'): LinuxPeer | string {
    if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`
    const path = fileURLToPath(new URL(`../../bench/${source}`, import.meta.url))
    const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'))
    const program = join(folder, 'linux')
    for (const compiler of COMPILERS) {
      try {
        execFileSync(compiler, ['-O2', '-pthread', '-o', program, path], { stdio: ['ignore', 'ignore', 'pipe'] })
        return new LinuxPeer(folder, program)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
        rmSync(folder, { recursive: true })
        throw error
      }
    }
    rmSync(folder, { recursive: true })
    return `no compiler is there: none of ${COMPILERS.join(', ')}`
  }

  /** The number that the program prints. */
  run(...args: readonly (string | number)[]): number {
    return Number(execFileSync(this.#program, args.map(String), { encoding: 'utf8' }))
  }

  /** Removes the temporary folder. */
  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }
}
