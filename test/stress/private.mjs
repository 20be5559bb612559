// Private memory of one worker, against a mirror: every word that was written is known. A frame that two pages
// hold, or a page reached by an old translation, shows as a word that is another than it should be.
import { constants as C, FaultError } from 'faultline'
import { PAGE } from './shared.mjs'

const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
/** Stretches a worker has at most. */
const MOST = 6

export class PrivateMemory {
  /** Start, pages, and the word of each page that was written, by page. */
  #stretches = []

  constructor(self, next, attempt, scale) {
    this.most = 24 * scale
    this.self = self
    this.next = next
    this.attempt = attempt
  }

  #some() {
    return this.#stretches[this.next(this.#stretches.length)]
  }

  /** One random step. */
  step() {
    if (this.#stretches.length === 0 || (this.#stretches.length < MOST && this.next(4) === 0)) return this.map()
    const steps = [this.write, this.write, this.check, this.discard, this.protect, this.fork, this.shrink, this.move, this.unmap]
    return steps[this.next(steps.length)].call(this)
  }

  map() {
    const pages = 1 + this.next(this.most)
    const populate = this.next(4) === 0 ? C.MAP_POPULATE : 0
    const at = this.attempt(() => this.self.mmap(0, pages * PAGE, RW, PRIVATE | populate), 'ENOMEM')
    if (at !== undefined) this.#stretches.push({ at, pages, words: new Map() })
  }

  write() {
    const { at, pages, words } = this.#some()
    for (let i = this.next(8); i >= 0; i--) {
      const [page, word] = [this.next(pages), this.next(0xffffffff)]
      if (this.attempt(() => this.self.store32(at + page * PAGE, word) ?? true, 'ENOMEM')) words.set(page, word)
    }
  }

  check(process = this.self, { at, pages, words } = this.#some()) {
    for (let page = 0; page < pages; page++) {
      const value = process.load32(at + page * PAGE)
      const expected = words.get(page) ?? 0
      // of the others any may show what another page's owner wrote
      const other = 4 + 4 * this.next(PAGE / 4 - 1)
      const beside = process.load32(at + page * PAGE + other)
      if (beside !== 0) throw new Error(`process ${process.pid} reads ${beside}, not 0, at ${other} of its private page ${page} at ${at}`)
      if (value !== expected)
        throw new Error(`process ${process.pid} reads ${value}, not ${expected}, in its private page ${page} at ${at}`)
    }
  }

  discard() {
    const { at, pages, words } = this.#some()
    const page = this.next(pages)
    this.self.madvise(at + page * PAGE, PAGE, C.MADV_DONTNEED)
    words.delete(page)
  }

  protect() {
    const stretch = this.#some()
    const { at, pages, words } = stretch
    const page = this.next(pages)
    this.self.mprotect(at, pages * PAGE, C.PROT_READ)
    try {
      this.self.store32(at + page * PAGE, 0)
      throw new Error(`process ${this.self.pid} writes where it may only read`)
    } catch (error) {
      if (!(error instanceof FaultError) || error.code !== 'SEGV_ACCERR') throw error
    }
    this.check(this.self, stretch)
    this.self.mprotect(at, pages * PAGE, RW)
    if (this.attempt(() => this.self.store32(at + page * PAGE, page) ?? true, 'ENOMEM')) words.set(page, page)
  }

  fork() {
    const child = this.attempt(() => this.self.fork(), 'ENOMEM')
    if (!child) return
    const stretch = this.#some()
    const { at, pages, words } = stretch
    this.check(child, stretch)
    const page = this.next(pages)
    const before = words.get(page) ?? 0
    this.attempt(() => child.store32(at + page * PAGE, before ^ 1), 'ENOMEM')
    this.check(this.self, stretch)
    this.write()
    child.exit(0)
    this.self.wait()
    this.check(this.self, stretch)
  }

  shrink() {
    const stretch = this.#some()
    if (stretch.pages === 1) return
    const pages = 1 + this.next(stretch.pages - 1)
    this.self.munmap(stretch.at + pages * PAGE, (stretch.pages - pages) * PAGE)
    stretch.pages = pages
    for (const page of [...stretch.words.keys()]) if (page >= pages) stretch.words.delete(page)
  }

  move() {
    const stretch = this.#some()
    const pages = stretch.pages + this.next(8)
    const at = this.attempt(() => this.self.mremap(stretch.at, stretch.pages * PAGE, pages * PAGE, C.MREMAP_MAYMOVE), 'ENOMEM')
    if (at === undefined) return
    Object.assign(stretch, { at, pages })
    this.check(this.self, stretch)
  }

  unmap() {
    const stretch = this.#some()
    this.check(this.self, stretch)
    this.self.munmap(stretch.at, stretch.pages * PAGE)
    this.#stretches.splice(this.#stretches.indexOf(stretch), 1)
  }

  /** Where its pages are, and how many. */
  ranges() {
    return this.#stretches.map(({ at, pages }) => [at, pages])
  }

  /** Checks and unmaps everything. */
  finish() {
    while (this.#stretches.length > 0) this.unmap()
  }
}
