// How workers of the stress test die: by their own hand, or another's.
import { constants as C, SysError } from 'faultline'
import { PIDS } from './shared.mjs'

/** The exit code of a worker that ends itself by it. */
export const EXIT = 42
/** What a worker throws on purpose. */
export const ON_PURPOSE = 'thrown on purpose'
/** Kills that a worker's end by a signal is told as. */
export const KILLED = 128 + C.SIGKILL
/** What a thread exits with that was ended. */
export const ENDED = 1

/** Once in so many steps. */
const RARE = 3000

export class Deaths {
  constructor(self, next, control, workers) {
    this.self = self
    this.next = next
    this.control = control
    this.workers = workers
  }

  /** Lives on, most of the time. */
  step() {
    if (this.next(RARE) !== 0) return
    const { self } = this
    const ways = [this.exit, this.exitInHandler, this.throw, this.overflow, this.killSelf, this.killOther, this.killOther]
    ways[this.next(ways.length)].call(this, self)
  }

  exit() {
    process.exit(EXIT)
  }

  /** Exits in the middle of a write that faults. */
  exitInHandler(self) {
    self.sigaction('SIGSEGV', () => process.exit(EXIT))
    self.write(0x10000, new Uint8Array(10000))
  }

  throw() {
    throw new Error(ON_PURPOSE)
  }

  /** Runs out of stack at a random place in a call, and then dies of it. */
  overflow(self) {
    const deeper = () => {
      self.munmap(self.mmap(0, 8192, C.PROT_READ | C.PROT_WRITE, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_POPULATE), 8192)
      deeper()
    }
    try {
      deeper()
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SysError)) throw error
    }
    throw new Error(ON_PURPOSE)
  }

  killSelf(self) {
    self.kill(self.pid, C.SIGKILL)
  }

  killOther(self) {
    const pid = self.load32(this.control + PIDS + 4 * this.next(this.workers))
    try {
      if (pid > 1) self.kill(pid, C.SIGKILL)
    } catch (error) {
      if (!(error instanceof SysError && error.code === 'ESRCH')) throw error
    }
  }
}
