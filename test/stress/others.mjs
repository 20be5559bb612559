// The calls that no other part of the stress test makes: the heap, locked memory, limits, descriptors, files in memory,
// namespaces and identities. All of it is the worker's own.
import { constants as C } from 'faultline'
import { sumOf } from './random.mjs'
import { PAGE } from './shared.mjs'

const RW = C.PROT_READ | C.PROT_WRITE

export class Others {
  constructor(self, next, attempt) {
    this.self = self
    this.next = next
    this.attempt = attempt
    this.heap = self.brk(0)
  }

  step() {
    const steps = [this.grow, this.lock, this.file, this.look, this.strange]
    return steps[this.next(steps.length)].call(this)
  }

  /** The heap grows, is written to its end, and shrinks. */
  grow() {
    const pages = 1 + this.next(8)
    const end = this.attempt(() => this.self.brk(this.heap + pages * PAGE), 'ENOMEM')
    if (end === undefined) return
    this.attempt(() => this.self.fill(this.heap, 7, pages * PAGE), 'ENOMEM')
    this.self.brk(this.heap)
  }

  lock() {
    const pages = 1 + this.next(4)
    const at = this.attempt(() => this.self.mmap(0, pages * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS), 'ENOMEM')
    if (at === undefined) return
    this.attempt(() => this.self.mlock(at, pages * PAGE), 'ENOMEM', 'EAGAIN')
    if (this.next(2)) this.self.munlock(at, pages * PAGE)
    this.self.munmap(at, pages * PAGE)
  }

  /** A file in memory: written, read through another descriptor and a mapping, cut. */
  file() {
    const { self, next } = this
    const fd = this.attempt(() => self.memfd_create('stress', C.MFD_ALLOW_SEALING), 'ENOMEM', 'ENOSPC')
    if (fd === undefined) return
    const word = sumOf(self.pid, next(0xffffffff))
    const page = new Uint8Array(new Uint32Array(PAGE / 4).fill(word).buffer)
    const written = this.attempt(() => self.pwrite(fd, page, next(3) * PAGE), 'ENOMEM', 'ENOSPC')
    const other = self.dup(fd)
    const size = self.fstat(other).size
    if (written === PAGE) {
      const at = this.attempt(() => self.mmap(0, PAGE, C.PROT_READ, C.MAP_SHARED, other, size - PAGE), 'ENOMEM')
      const found = at === undefined ? word : (this.attempt(() => self.load32(at + PAGE - 4), 'ENOMEM') ?? word)
      if (found !== word) throw new Error(`a file in memory holds ${found}, not ${word}`)
      if (at !== undefined) {
        if (next(2)) self.msync(at, PAGE, C.MS_SYNC)
        if (self.mincore(at, PAGE)[0] !== 1) throw new Error('a page that was written is not in memory')
        self.munmap(at, PAGE)
      }
    }
    self.ftruncate(fd, next(2) * PAGE)
    self.close(fd)
    self.close(other)
  }

  look() {
    const { self, next } = this
    self.stat('/dev/shm')
    self.getrlimit(C.RLIMIT_MEMLOCK)
    const mask = self.umask(next(0o1000))
    self.umask(mask)
  }

  /** A child of another user, in a namespace of its own. */
  strange() {
    const { self, next } = this
    const child = this.attempt(() => self.fork(), 'ENOMEM')
    if (!child) return
    this.attempt(() => child.unshare(C.CLONE_NEWIPC), 'ENOMEM')
    const id = this.attempt(() => child.shmget(C.IPC_PRIVATE, 2 * PAGE, 0o600), 'ENOMEM', 'ENOSPC')
    if (id !== undefined) {
      const at = this.attempt(() => child.shmat(id, 0, 0), 'ENOMEM')
      if (at !== undefined) this.attempt(() => child.store32(at, 1), 'ENOMEM')
      if (next(2)) child.shmctl(id, C.IPC_RMID)
    }
    child.setuid(1 + next(1000))
    child.exit(0)
    self.wait()
  }
}
