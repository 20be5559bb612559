// A worker process at a file that others cut, extend and punch while it is mapped. A word that it wrote
// reads as written, or as 0 once the page was taken away, or not at all behind the end; never as anything
// else, such as a freed frame's poison or another page's words.
import { workerData } from 'node:worker_threads'
import { constants as C, FaultError, SysError } from 'faultline'
import { self } from 'faultline/process'

const PAGE = 4096
const { seed, role, milliseconds, pages } = workerData
const RW = C.PROT_READ | C.PROT_WRITE
const PUNCH = C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE
const fd = self.shm_open('/race', C.O_RDWR, 0)
let x = seed
const next = bound => {
  x ^= x << 13
  x ^= x >>> 17
  x ^= x << 5
  return (x >>> 0) % bound
}

/** Runs a call that may fail so; says whether it did not. */
function attempt(call, ...codes) {
  try {
    call()
    return true
  } catch (error) {
    if (!(error instanceof SysError || error instanceof FaultError) || !codes.includes(error.code)) throw error
    return false
  }
}

/** The word that this worker writes to a page. */
const wordOf = page => ((self.pid << 16) | page | 1) >>> 0

/** Writes a page's word, or reads it. */
function touch(process, at, page, write) {
  const address = at + page * PAGE + 8 * self.pid
  if (write) {
    attempt(() => process.store32(address, wordOf(page)), 'BUS_ADRERR')
    return
  }
  attempt(() => {
    const value = process.load32(address)
    if (value !== 0 && value !== wordOf(page)) throw new Error(`process ${self.pid} read 0x${value.toString(16)} at page ${page}`)
  }, 'BUS_ADRERR')
}

/**
 * What a shared mapping shows is what the file has: a word that read as 0 in the file, and that only this
 * worker writes, is not there in the mapping after.
 */
function compare(at, page) {
  const offset = page * PAGE + 8 * self.pid
  const bytes = self.pread(fd, 4, offset)
  if (bytes.length < 4 || bytes.some(byte => byte !== 0)) return
  attempt(() => {
    const value = self.load32(at + offset)
    if (value !== 0) throw new Error(`process ${self.pid} sees 0x${value.toString(16)} at page ${page}, which is not in the file`)
  }, 'BUS_ADRERR')
}

/** Cuts, extends, punches, reserves and writes. */
function change() {
  const [from, length] = [next(pages), 1 + next(pages)]
  const steps = [
    () => self.ftruncate(fd, next(pages) * PAGE + next(2) * 4 * next(PAGE / 4)),
    () => self.ftruncate(fd, pages * PAGE),
    () => self.fallocate(fd, PUNCH, from * PAGE + next(2) * 4 * next(PAGE / 4), length * PAGE),
    () => attempt(() => self.fallocate(fd, next(2), from * PAGE, Math.min(length, pages - from) * PAGE), 'ENOSPC', 'ENOMEM'),
    () => attempt(() => self.pwrite(fd, new Uint8Array(4 * next((3 * PAGE) / 4)), from * PAGE), 'ENOSPC', 'ENOMEM'),
  ]
  steps[next(steps.length)]()
}

/** Reads and writes through a mapping of its own, forks over it, moves its rights and takes it away. */
function use() {
  const kind = next(2) ? C.MAP_PRIVATE : C.MAP_SHARED
  const first = next(pages)
  const count = 1 + next(pages - first)
  const at = self.mmap(0, count * PAGE, RW, kind | (next(4) ? 0 : C.MAP_POPULATE), fd, first * PAGE) - first * PAGE
  for (let i = 0; i < 60; i++) touch(self, at, first + next(count), next(2))
  if (kind === C.MAP_SHARED) for (let i = 0; i < 30; i++) compare(at, first + next(count))
  const child = next(3) ? undefined : self.fork()
  for (let i = 0; i < 60; i++) touch((next(2) && child) || self, at, first + next(count), next(2))
  self.mprotect(at + (first + (count >> 1)) * PAGE, PAGE, C.PROT_READ)
  for (let i = 0; i < 20; i++) touch(self, at, first + next(count), false)
  if (child) {
    child.exit(0)
    self.wait()
  }
  self.munmap(at + first * PAGE, count * PAGE)
}

const end = Date.now() + milliseconds
while (Date.now() < end) {
  if (role === 'change') change()
  else use()
}
self.exit(0)
