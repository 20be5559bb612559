// A progress bar on stderr, for people only: not unless stderr is a terminal, and not before the
// work has taken long enough to wonder.
import cliProgress from 'cli-progress'

/** Milliseconds of work before the bar is drawn. */
const PATIENCE = 400

/** Shows how far the phases of some work are, one at a time. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #start = performance.now() + PATIENCE
  #bar: cliProgress.SingleBar | undefined
  #phase = ''
  readonly #stop = (): void => this.stop()

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
  }

  /** `done` of `total` of a phase, such as `decoding`, are done; a total that is not known is left out. */
  update(phase: string, done: number, total?: number): void {
    if (!this.#stream.isTTY || performance.now() < this.#start) return
    if (phase !== this.#phase) {
      this.stop()
      this.#phase = phase
      this.#bar = this.#newBar(total !== undefined)
      process.once('exit', this.#stop)
      this.#bar.start(total ?? 0, done, { phase })
    }
    if (total !== undefined) this.#bar?.setTotal(total)
    this.#bar?.update(done)
  }

  /** Clears the bar and restores the terminal; to be called however the work ends, or the bar's timer keeps the process alive. */
  stop(): void {
    this.#bar?.stop()
    process.off('exit', this.#stop)
    this.#bar = undefined
    this.#phase = ''
  }

  #newBar(totalKnown: boolean): cliProgress.SingleBar {
    return new cliProgress.SingleBar(
      {
        format: totalKnown ? '{phase} [{bar}] {percentage}%  {eta_formatted} left' : '{phase} {value}  {duration_formatted}',
        stream: this.#stream,
        clearOnComplete: true,
        gracefulExit: false,
        fps: 10,
      },
      cliProgress.Presets.legacy,
    )
  }
}
