// The Linux underneath, as a peer of the machine: linux.c, compiled when a compiler is there.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../../bench/linux.c', import.meta.url))
const COMPILERS = ['cc', 'gcc', 'clang']

/** What linux.c measures. */
export type LinuxCase = 'anonymous' | 'shared' | 'cached' | 'copyOnWrite' | 'fork' | 'unmap' | 'segment'

/** The compiled loops, in a temporary folder. */
export class LinuxPeer {
  readonly #folder: string
  readonly #program: string

  private constructor(folder: string, program: string) {
    this.#folder = folder
    this.#program = program
  }

  /** Compiles the loops; a string that says why there is no peer, if the system is not Linux or has no compiler. */
  static build(): LinuxPeer | string {
    if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`
    const folder = mkdtempSync(join(tmpdir(), 'faultline-bench-'))
    const program = join(folder, 'linux')
    for (const compiler of COMPILERS) {
      try {
        execFileSync(compiler, ['-O2', '-o', program, SOURCE], { stdio: ['ignore', 'ignore', 'pipe'] })
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

  /** Nanoseconds an operation: the median of so many passes. */
  run(name: LinuxCase, operations: number, passes: number, cpu: boolean): number {
    return Number(execFileSync(this.#program, [name, String(operations), String(passes), cpu ? 'cpu' : 'wall'], { encoding: 'utf8' }))
  }

  /** Removes the temporary folder. */
  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }
}
