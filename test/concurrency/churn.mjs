// A worker process that maps, unmaps, forks, attaches and detaches at random for a while, and
// checks what it reads back. Its seed makes its own choices repeatable, not how threads interleave.
import { workerData } from 'node:worker_threads'
import { constants as C, SysError } from 'faultline'
import { self } from 'faultline/process'

const PAGE = 4096
let x = workerData.seed
const next = bound => {
  x ^= x << 13
  x ^= x >>> 17
  x ^= x << 5
  return (x >>> 0) % bound
}

/** Runs a call that other workers may make fail. */
function attempt(call, ...codes) {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof SysError) || !codes.includes(error.code)) throw error
    return undefined
  }
}

function privateMemory() {
  const pages = 1 + next(8)
  const at = self.mmap(0, pages * PAGE, C.PROT_READ | C.PROT_WRITE, (next(2) ? C.MAP_PRIVATE : C.MAP_SHARED) | C.MAP_ANONYMOUS)
  for (let i = 0; i < pages; i++) self.store32(at + i * PAGE, self.pid * 1000 + i)
  const child = self.fork()
  for (let i = 0; i < pages; i++) {
    const value = child.load32(at + i * PAGE)
    if (value !== self.pid * 1000 + i) throw new Error(`process ${self.pid} read ${value} at page ${i}`)
    if (next(2)) child.store32(at + i * PAGE, value)
  }
  child.exit(0)
  self.wait()
  self.munmap(at, pages * PAGE)
}

function segment() {
  const key = 1 + next(3)
  const id = attempt(() => self.shmget(key, 8 * PAGE, C.IPC_CREAT | 0o600))
  const at = attempt(() => self.shmat(id, 0, 0), 'EINVAL', 'EIDRM')
  if (at === undefined) return
  for (let i = 0; i < 8; i++) self.add32(at + next(8) * PAGE, 1)
  if (next(4) === 0) attempt(() => self.shmctl(id, C.IPC_RMID), 'EINVAL', 'EIDRM')
  self.shmdt(at)
}

const end = Date.now() + workerData.milliseconds
while (Date.now() < end) {
  if (next(2)) privateMemory()
  else segment()
}
self.exit(0)
