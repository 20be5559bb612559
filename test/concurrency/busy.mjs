// A worker process that maps, writes, forks, attaches and detaches until it is ended, and sleeps in a call at times.
import { workerData } from 'node:worker_threads'
import { constants as C } from 'faultline'
import { self } from 'faultline/process'

const PAGE = 4096
const id = self.shmget(0x55, 4 * PAGE, C.IPC_CREAT | 0o666)
const own = self.mmap(0, PAGE, C.PROT_READ | C.PROT_WRITE, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
const counter = self.shmat(id, 0, 0)
// so that the other knows that it runs
self.add32(counter, 1)
for (let round = 0; ; round++) {
  const at = self.mmap(0, 8 * PAGE, C.PROT_READ | C.PROT_WRITE, (round & 1 ? C.MAP_PRIVATE : C.MAP_SHARED) | C.MAP_ANONYMOUS)
  self.fill(at, round, 8 * PAGE)
  const child = self.fork()
  child.store32(at + PAGE, round)
  const there = child.shmat(id, 0, 0)
  child.add32(there + workerData.slot * 4, 1)
  child.exit(0)
  self.wait()
  self.store32(own, round)
  if (self.load32(own) !== round) throw new Error('a store was lost')
  self.munmap(at, 8 * PAGE)
}
