// Memory that workers share: segments that come and go under their keys, files that are cut and grow, and a
// mutex. A page of a segment says whose it is: segment, place, version, owner, checksum. A word of a file says
// what it is by itself, because its page may go between two stores.
import { constants as C, FaultError, SysError } from 'faultline'
import { sumOf } from './random.mjs'

export const PAGE = 4096
export const KEYS = [1, 2, 3, 4]
export const CONTROL = 99
export const FILE = '/stress'
export const CUT_FILE = '/stress-cut'
/** Words of the control segment; from PIDS on, the pid of each worker. */
export const [PAUSE, PAUSED, MUTEX, FIRST, SECOND, EPOCH, WHOLE, PIDS] = [0, 64, 128, 192, 256, 320, 384, 448]
/** In the mutex's word, beside its holder's pid: somebody may wait. */
const WAITERS = 0x80000000

const SEGMENT_PAGES = 16
/** Attachments a worker has at most. */
const MOST = 6
/** Words of a segment's page. */
const [LOCK, ID, PLACE, VERSION, OWNER, SUM, LAST] = [0, 4, 8, 12, 16, 20, PAGE - 4]
const RW = C.PROT_READ | C.PROT_WRITE
const PUNCH = C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE

/** Segments: pages that are locked, checked, and written with their next version. */
export class Segments {
  #attached = []

  constructor(self, next, attempt, scale) {
    this.pages = SEGMENT_PAGES * scale
    this.self = self
    this.next = next
    this.attempt = attempt
  }

  step() {
    const { self, next } = this
    if (this.#attached.length === 0 || (this.#attached.length < MOST && next(4) === 0)) return this.attach()
    const attachment = this.#attached[next(this.#attached.length)]
    switch (next(12)) {
      case 0:
        return this.detach(attachment)
      case 1:
        return void this.attempt(() => self.shmctl(attachment.id, C.IPC_RMID), 'EINVAL', 'EIDRM')
      case 2:
        return this.count(attachment)
      case 3:
        return this.child(attachment)
      default:
        return this.visit(self, attachment, next(this.pages))
    }
  }

  attach() {
    const { self, next, attempt } = this
    const key = KEYS[next(KEYS.length)]
    const id = attempt(() => self.shmget(key, this.pages * PAGE, C.IPC_CREAT | 0o600), 'ENOMEM', 'ENOSPC')
    if (id === undefined) return
    const at = attempt(() => self.shmat(id, 0, 0), 'EINVAL', 'EIDRM', 'ENOMEM')
    if (at !== undefined) this.#attached.push({ id, at })
  }

  detach(attachment) {
    this.self.shmdt(attachment.at)
    this.#attached.splice(this.#attached.indexOf(attachment), 1)
  }

  count({ id }) {
    const stat = this.attempt(() => this.self.shmctl(id, C.IPC_STAT), 'EINVAL', 'EIDRM')
    if (!stat || stat.nattch === 0) throw new Error(`segment ${id} is attached here, and says ${stat ? 'it is not' : 'it is gone'}`)
  }

  /** A child visits too, through tables of its own. */
  child(attachment) {
    const child = this.attempt(() => this.self.fork(), 'ENOMEM')
    if (!child) return
    this.visit(child, attachment, this.next(this.pages))
    this.visit(this.self, attachment, this.next(this.pages))
    child.exit(0)
    this.self.wait()
  }

  visit(process, { id, at }, place) {
    const page = at + place * PAGE
    const taken = this.attempt(() => process.compareExchange32(page + LOCK, 0, process.pid), 'ENOMEM')
    if (taken === undefined) return
    if (taken !== 0) return this.inherit(process, page, taken, { id, place })
    const [version, owner] = [process.load32(page + VERSION), process.load32(page + OWNER)]
    const fresh = version === 0
    const right = [fresh ? 0 : id, fresh ? 0 : place, fresh ? 0 : sumOf(id, place, version, owner), fresh ? 0 : version]
    const found = [ID, PLACE, SUM, LAST].map(word => process.load32(page + word))
    if (found.some((value, i) => value !== right[i])) {
      throw new Error(`page ${place} of segment ${id}, version ${version} of process ${owner}: ${found}, not ${right}`)
    }
    this.sign(process, page, { id, place, version: version + 1 })
  }

  /** Writes what a page is, and unlocks it. */
  sign(process, page, { id, place, version }) {
    process.store32(page + ID, id)
    process.store32(page + PLACE, place)
    process.store32(page + OWNER, process.pid)
    process.store32(page + VERSION, version)
    process.store32(page + SUM, sumOf(id, place, version, process.pid))
    process.store32(page + LAST, version)
    const holder = process.exchange32(page + LOCK, 0)
    if (holder !== process.pid) throw new Error(`page ${place} of segment ${id}: locked by ${process.pid}, unlocked by ${holder}`)
  }

  /** Takes over the page of a process that died while it had it locked, and may have written half of what it is. */
  inherit(process, page, dead, { id, place }) {
    if (isAlive(process, dead)) return
    if (process.compareExchange32(page + LOCK, dead, process.pid) !== dead) return
    for (const [word, right] of [
      [ID, id],
      [PLACE, place],
    ]) {
      const found = process.load32(page + word)
      if (found !== 0 && found !== right) throw new Error(`page ${place} of segment ${id}, of dead process ${dead}: ${found} at ${word}`)
    }
    this.sign(process, page, { id, place, version: process.load32(page + VERSION) + 1 })
  }

  /** Where its pages are, and how many. */
  ranges() {
    return this.#attached.map(({ at }) => [at, this.pages])
  }

  finish() {
    for (const attachment of [...this.#attached]) this.detach(attachment)
  }
}

function isAlive(process, pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (error instanceof SysError && error.code === 'ESRCH') return false
    throw error
  }
}

/** What a file's page holds where it was written: by this alone a word tells that it belongs there. */
function wordOf(place, random) {
  return (BigInt(sumOf(place, random)) << 32n) | BigInt(random)
}

/** Throws unless a word is 0 or belongs to a place. */
function checkWord(word, place, address) {
  if (word !== 0n && word !== wordOf(place, Number(word & 0xffffffffn))) {
    throw new Error(`page ${place} of a file holds 0x${word.toString(16)} at ${address}`)
  }
}

/** A file, mapped throughout, that others cut. */
class MappedFile {
  constructor(self, next, attempt, name, pages) {
    this.self = self
    this.next = next
    this.attempt = attempt
    this.pages = pages
    this.fd = self.shm_open(name, C.O_RDWR | C.O_CREAT, 0o600)
    this.at = self.mmap(0, pages * PAGE, RW, C.MAP_SHARED, this.fd, 0)
  }

  /** What an access returns; undefined if it is beyond the end, which another worker moves, or memory is short. */
  reach(access) {
    try {
      return this.attempt(access, 'ENOMEM')
    } catch (error) {
      if (error instanceof FaultError && error.code === 'BUS_ADRERR') return undefined
      throw error
    }
  }

  /** Reads a word and writes another. */
  touch(base, place) {
    const address = base + place * PAGE + 8 + 8 * this.next(PAGE / 8 - 1)
    const word = this.reach(() => this.self.load64(address))
    if (word !== undefined) checkWord(word, place, address)
    this.reach(() => this.self.store64(address, wordOf(place, this.next(0xffffffff))))
  }

  /** Where its pages are, and how many. */
  ranges() {
    return [[this.at, this.pages]]
  }

  finish() {
    this.self.munmap(this.at, this.pages * PAGE)
    this.self.close(this.fd)
  }
}

/** A file that everyone cuts and grows; shared, and private, where a copy hides it. */
export class SharedFile extends MappedFile {
  constructor(self, next, attempt, scale) {
    super(self, next, attempt, FILE, 32 * scale)
    this.copy = self.mmap(0, this.pages * PAGE, RW, C.MAP_PRIVATE, this.fd, 0)
  }

  step() {
    const { self, next } = this
    const place = next(this.pages)
    const base = next(4) === 0 ? this.copy : this.at
    switch (next(20)) {
      case 0:
        return self.ftruncate(this.fd, next(this.pages + 1) * PAGE)
      case 1:
        return self.ftruncate(this.fd, this.pages * PAGE)
      case 2:
        return void this.attempt(() => self.fallocate(this.fd, PUNCH, place * PAGE, PAGE), 'ENOMEM')
      case 3:
        return self.madvise(this.copy + place * PAGE, PAGE, C.MADV_DONTNEED)
      case 4:
      case 5:
      case 6:
        return this.pour(base, place)
      case 7:
        return this.drain(base, place)
      default:
        return this.touch(base, place)
    }
  }

  /** Writes a whole page, which takes so long that it may well go meanwhile. */
  pour(base, place) {
    const words = new BigUint64Array(PAGE / 8).fill(wordOf(place, this.next(0xffffffff)))
    this.reach(() => this.self.write(base + place * PAGE, new Uint8Array(words.buffer)))
  }

  /** Reads a whole page. */
  drain(base, place) {
    const bytes = this.reach(() => this.self.read(base + place * PAGE, PAGE))
    if (bytes) for (const word of new BigUint64Array(bytes.buffer)) checkWord(word, place, base + place * PAGE)
  }

  ranges() {
    return [...super.ranges(), [this.copy, this.pages]]
  }

  finish() {
    this.self.munmap(this.copy, this.pages * PAGE)
    super.finish()
  }
}

/**
 * A file that is cut under the mutex only, while others fault its pages in. The first word of each page is how often it was
 * cut, so that a page which was mapped though it had been cut away shows, by its old word.
 */
export class CutFile extends MappedFile {
  constructor(self, next, attempt, mutex) {
    super(self, next, attempt, CUT_FILE, 4)
    this.mutex = mutex
  }

  step() {
    switch (this.next(8)) {
      case 0:
        return this.mutex.hold(() => this.cut())
      case 1:
      case 2:
        return this.mutex.hold(() => this.look())
      default:
        return this.touch(this.at, this.next(this.pages))
    }
  }

  cut() {
    const { self, mutex } = this
    const epoch = self.load32(mutex.control + EPOCH) + 1
    self.ftruncate(this.fd, 0)
    self.ftruncate(this.fd, this.pages * PAGE)
    let whole = true
    for (let place = 0; place < this.pages; place++) {
      whole &&= this.attempt(() => self.store32(this.at + place * PAGE, epoch) ?? true, 'ENOMEM') ?? false
    }
    self.store32(mutex.control + WHOLE, Number(whole))
    self.store32(mutex.control + EPOCH, epoch)
  }

  look() {
    const { self, mutex } = this
    if (self.load32(mutex.control + WHOLE) === 0) return
    const epoch = self.load32(mutex.control + EPOCH)
    for (let place = 0; place < this.pages; place++) {
      const found = this.attempt(() => self.load32(this.at + place * PAGE), 'ENOMEM')
      if (found !== undefined && found !== epoch) throw new Error(`page ${place} of the file is of cut ${found}, not ${epoch}`)
    }
  }
}

/**
 * A mutex in the control segment: its word is the holder's pid, so that another can take it back from who died. And two words
 * that are equal while nobody has it.
 */
export class Mutex {
  constructor(self, control) {
    this.self = self
    this.control = control
  }

  step() {
    this.hold(() => {})
  }

  #lock() {
    const { self, control } = this
    const at = control + MUTEX
    let free = 0
    while (true) {
      const found = self.compareExchange32(at, 0, (self.pid | free) >>> 0)
      if (found === 0) return
      const waited = (found | WAITERS) >>> 0
      if (found === waited || self.compareExchange32(at, found, waited) === found) self.waitOn(at, waited, 1000)
      // others may wait still
      free = WAITERS
    }
  }

  #unlock() {
    const { self, control } = this
    const old = self.exchange32(control + MUTEX, 0)
    if ((old & ~WAITERS) !== self.pid) throw new Error(`process ${self.pid} had the mutex, it says ${old & ~WAITERS}`)
    if (old !== self.pid) self.notify(control + MUTEX, 1)
  }

  /** Does something while no other worker does. */
  hold(work) {
    const { self, control } = this
    this.#lock()
    const [first, second] = [self.load32(control + FIRST), self.load32(control + SECOND)]
    if (first !== second) throw new Error(`under the mutex, ${first} is not ${second}`)
    self.store32(control + FIRST, first + 1)
    work()
    self.store32(control + SECOND, second + 1)
    this.#unlock()
  }

  /** Takes the mutex back if a process that is gone had it, and mends what it guards. */
  takeBack(pid) {
    const { self, control } = this
    if ((self.load32(control + MUTEX) & ~WAITERS) !== pid) return
    self.store32(control + WHOLE, 0)
    self.store32(control + SECOND, self.load32(control + FIRST))
    self.store32(control + MUTEX, 0)
    self.notify(control + MUTEX, 1)
  }
}
