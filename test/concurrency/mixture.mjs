// Calls that take, between them, locks of every rank, on things that processes share.
import { constants as C, SysError } from 'faultline'

const PAGE = 4096
/** More than a CPU keeps in its stack of frames. */
const SEGMENT = 200 * PAGE
/** More VMAs than a CPU keeps in reserve. */
const VMAS = 300
const RW = C.PROT_READ | C.PROT_WRITE
export const KEY = 99
export const NAME = '/mixture'

/** Runs a call that may fail because other processes do the same. */
function attempt(call) {
  try {
    return call()
  } catch (error) {
    if (error instanceof SysError && error.code !== 'ESRCH') return undefined
    throw error
  }
}

/** Does all of it once; `at` is where the process has the segment with KEY. */
export function mixture(self, at) {
  self.notify(at)
  // words of several buckets
  for (const word of [64, 96, 128, 160]) self.requeue(at, 0, 0, at + word)
  self.store32(at + PAGE, 1)
  const own = attempt(() => self.mmap(0, 4 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS))
  attempt(() => self.fill(own, 1, 4 * PAGE))
  // and back, where there is swap
  attempt(() => self.madvise(own, 4 * PAGE, C.MADV_PAGEOUT))
  attempt(() => self.fill(own, 2, 2 * PAGE))
  const fd = attempt(() => self.shm_open(NAME, C.O_CREAT | C.O_RDWR, 0o600))
  if (fd !== undefined) {
    self.ftruncate(fd, 4 * PAGE)
    const file = attempt(() => self.mmap(0, 4 * PAGE, RW, C.MAP_SHARED, fd, 0))
    if (file !== undefined) {
      for (let page = 0; page < 4; page++) attempt(() => self.store32(file + page * PAGE, 1))
      self.fallocate(fd, C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE, 0, 4 * PAGE)
      self.munmap(file, 4 * PAGE)
    }
    self.close(fd)
  }
  const id = attempt(() => self.shmget(C.IPC_PRIVATE, SEGMENT, 0o600))
  const segment = attempt(() => self.shmat(id, 0, 0))
  attempt(() => self.fill(segment, 1, SEGMENT))
  attempt(() => self.shmctl(id, C.IPC_RMID))
  const child = attempt(() => self.fork())
  if (child) {
    attempt(() => child.store32(segment, 2))
    child.exit(0)
    self.wait()
  }
  attempt(() => self.shmdt(segment))
  attempt(() => self.munmap(own, 4 * PAGE))
  const many = attempt(() => self.mmap(0, VMAS * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS))
  for (let page = 0; page < VMAS; page += 2) attempt(() => self.mprotect(many + page * PAGE, PAGE, C.PROT_READ))
  attempt(() => self.munmap(many, VMAS * PAGE))
}
