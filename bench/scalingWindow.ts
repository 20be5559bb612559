// How the scaling benches and their workers talk: by words that they share. All workers live throughout; in each window some of
// them run, and the others sleep.

/** Words of the control: the window that begins, the one that runs, how many workers run in it, what they do, whether at the segment, how many are done. */
const [EPOCH, LOOP, DONE] = [0, 3, 5]
export const [GO, WORKERS, SHOWS_SEGMENT] = [1, 2, 4]
const WORDS = 6
/** How often a page is read in the read-mostly loop. */
export const PASSES = 63
/** Pages of an object that comes and goes. */
export const OBJECT_PAGES = 4
/** What a worker does: writes each page and gives it back; reads it often in between; writes pages of objects that come and go. */
export const LOOPS = ['faults', 'reads', 'objects'] as const
export type Loop = (typeof LOOPS)[number]
/** In EPOCH: no more windows. */
const OVER = -1

/** What a worker is given. */
export interface ScalingSeat {
  index: number
  control: Int32Array
  /** Of each worker: how many references it made in the last window, and in how many milliseconds. */
  results: Float64Array
  /** Pages of its own, and of the segment. */
  pages: number
  segment: number
}

/** What is done in a window. */
export interface Window {
  workers: number
  loop: Loop
  segment: boolean
}

/** A control, shared with workers. */
export function newControl(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(WORDS * 4))
}

/** Both sides of the talk. */
export class Turns {
  readonly #control: Int32Array

  constructor(control: Int32Array) {
    this.#control = control
  }

  at(word: number): number {
    return Atomics.load(this.#control, word)
  }

  /** What is done in the window. */
  get loop(): Loop {
    return LOOPS[this.at(LOOP)] as Loop
  }

  /** Worker: sleeps until a window begins; false if there are no more. */
  awaitTurn(epoch: number): boolean {
    while (this.at(EPOCH) === epoch - 1) Atomics.wait(this.#control, EPOCH, epoch - 1)
    return this.at(EPOCH) !== OVER
  }

  /** Worker: the window is over. */
  finish(): void {
    Atomics.add(this.#control, DONE, 1)
    Atomics.notify(this.#control, DONE)
  }

  /** Begins a window, ends it after some milliseconds, and waits until all of so many workers know. */
  async run({ workers, loop, segment }: Window, milliseconds: number, all: number): Promise<void> {
    const control = this.#control
    const epoch = control[EPOCH] as number
    for (const [word, value] of [
      [WORKERS, workers],
      [LOOP, LOOPS.indexOf(loop)],
      [SHOWS_SEGMENT, Number(segment)],
      [DONE, 0],
      [GO, epoch + 1],
      [EPOCH, epoch + 1],
    ] as const) {
      Atomics.store(control, word, value)
    }
    Atomics.notify(control, EPOCH)
    await new Promise(resolve => setTimeout(resolve, milliseconds))
    Atomics.store(control, GO, 0)
    for (let done = this.at(DONE); done < all; done = this.at(DONE)) {
      const { async, value } = Atomics.waitAsync(control, DONE, done)
      if (async) await value
    }
  }

  /** No more windows. */
  end(): void {
    Atomics.store(this.#control, EPOCH, OVER)
    Atomics.notify(this.#control, EPOCH)
  }
}
