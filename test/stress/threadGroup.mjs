// The first thread of the process whose threads are under stress: it maps what they share, starts them, starts others where
// one ended, and checks in the end that none is lost.
import { workerData } from 'node:worker_threads'
import { constants as C } from 'faultline'
import { self } from 'faultline/process'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
/** As in thread.mjs. */
const [LOCKED, LOOSE, SHOWN] = [24, 32, 8]
const { threads, seed, milliseconds } = workerData

const file = self.memfd_create('shown', 0)
self.ftruncate(file, SHOWN * PAGE)
const shared = {
  file,
  control: self.mmap(0, PAGE, RW, PRIVATE),
  locked: self.mmap(0, LOCKED * PAGE, RW, PRIVATE),
  loose: self.mmap(0, LOOSE * PAGE, RW, PRIVATE),
  shown: self.mmap(0, SHOWN * PAGE, RW, C.MAP_SHARED, file, 0),
  // far from all that is mapped, a page a thread
  scratch: 0x200000000000,
  end: Date.now() + milliseconds,
}

let started = 0
/** Keeps a thread running until the time is over. */
async function keep() {
  while (Date.now() < shared.end) {
    started++
    const thread = await self.clone(new URL('thread.mjs', import.meta.url), { workerData: { ...shared, seed: seed + started } })
    const code = await thread.exited
    if (code !== 0) throw new Error(`thread ${thread.tid} ended with ${code}`)
  }
}
await Promise.all(Array.from({ length: threads - 1 }, keep))
const ended = self.load32(shared.control)
if (ended !== started) throw new Error(`${started} threads were started, ${ended} ended`)
self.exit(0)
