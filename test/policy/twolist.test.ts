import { describe, expect, it } from 'vitest'
import { choosePolicy } from '#dist/core/policies.js'
import { Replayer } from '#dist/core/replayer.js'
import { densify, xorshift } from './traces.ts'

interface Entry {
  page: number
  young: boolean
  referenced: boolean
}

/** A list that grows at its head and shrinks at its tail. */
class Queue {
  readonly #entries: Entry[] = []
  #tail = 0

  get size(): number {
    return this.#entries.length - this.#tail
  }

  add(entry: Entry): void {
    this.#entries.push(entry)
  }

  take(): Entry {
    return this.#entries[this.#tail++] as Entry
  }
}

/** Misses of the kernel's rules with the active list at most `ratio` times as long as the inactive one. */
function misses(references: Uint32Array, frames: number, ratio: number): number {
  const resident = new Map<number, Entry>()
  const inactive = new Queue()
  const active = new Queue()
  const evict = (): void => {
    for (;;) {
      while (inactive.size * ratio < active.size) inactive.add(Object.assign(active.take(), { young: false }))
      const entry = inactive.take()
      if (!entry.young) {
        resident.delete(entry.page)
        return
      }
      const list = entry.referenced ? active : inactive
      list.add(Object.assign(entry, { young: false, referenced: true }))
    }
  }
  let count = 0
  for (const page of references) {
    const entry = resident.get(page) ?? { page, young: true, referenced: false }
    entry.young = true
    if (resident.has(page)) continue
    count++
    if (resident.size === frames) evict()
    resident.set(page, entry)
    inactive.add(entry)
  }
  return count
}

describe('twolist', () => {
  it.each([
    [2 ** 18 - 1, 1],
    [2 ** 18, 3],
  ])('with %i frames lets the active list be %i times as long as the inactive one, as Linux does by the GiB', (frames, ratio) => {
    const next = xorshift(frames)
    const hot = Math.floor(frames * 0.8)
    const pages = Array.from({ length: 6 * frames }, () => ((next() & 3) !== 0 ? next() % hot : next() % (64 * frames)))
    const { references, ids } = densify(pages)
    const replayer = new Replayer({ policy: choosePolicy('twolist'), frames, pages: ids.length })
    replayer.run(references)
    expect(replayer.counts.misses).toBe(misses(references, frames, ratio))
    expect(replayer.counts.misses, 'the ratio matters').not.toBe(misses(references, frames, 4 - ratio))
  })
})
