// A worker of the scaling benches: a process, or a thread of one, that references its pages while it is told to.
import { workerData } from 'node:worker_threads'
import { constants as C } from 'faultline'
import { self } from 'faultline/process'
import { GO, type Loop, OBJECT_PAGES, PASSES, type ScalingSeat, SHOWS_SEGMENT, Turns, WORKERS } from './scalingWindow.js'

const PAGE = 4096
const WRITE = 0x80000000
const RW = C.PROT_READ | C.PROT_WRITE

const { index, control, results, pages, segment } = workerData as ScalingSeat
const turns = new Turns(control)
const privately = self.mmap(0, pages * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
const shared = self.shmat(segment, 0, 0)

/** What a round references: workers begin at different pages. */
function referencesOf(passes: number, workers: number): Uint32Array {
  const first = Math.floor((index * pages) / workers)
  return Uint32Array.from({ length: pages * (1 + passes) }, (_, i) => (i < pages ? ((first + i) % pages) + WRITE : i % pages))
}

/** One round of a loop; returns how many references it makes. */
function roundOf(loop: Loop, at: number, workers: number): () => number {
  if (loop === 'objects') {
    const references = Uint32Array.from({ length: OBJECT_PAGES }, (_, page) => page + WRITE)
    return () => {
      const object = self.mmap(0, OBJECT_PAGES * PAGE, RW, C.MAP_SHARED | C.MAP_ANONYMOUS)
      self.run(references, object)
      self.munmap(object, OBJECT_PAGES * PAGE)
      return OBJECT_PAGES
    }
  }
  const references = referencesOf(loop === 'reads' ? PASSES : 0, workers)
  return () => {
    self.run(references, at)
    self.madvise(at, pages * PAGE, C.MADV_DONTNEED)
    return references.length
  }
}

for (let epoch = 1; turns.awaitTurn(epoch); epoch++) {
  const workers = turns.at(WORKERS)
  if (index < workers) {
    const round = roundOf(turns.loop, turns.at(SHOWS_SEGMENT) === 1 ? shared : privately, workers)
    let references = 0
    const start = performance.now()
    while (turns.at(GO) === epoch) references += round()
    results[2 * index] = references
    results[2 * index + 1] = performance.now() - start
  }
  turns.finish()
}
