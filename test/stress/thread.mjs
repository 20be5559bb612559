// A thread of the stress test's one process of several threads. It updates, drops, maps anew, protects, moves and forks
// pages that it holds the lock of, and checks each word of them: a page says its place and version. Beside that it
// does anything to memory, files and descriptors that no lock guards, where what it reads must still be that memory's.
import { workerData } from 'node:worker_threads'
import { constants as C, FaultError, SysError } from 'faultline'
import { self } from 'faultline/process'
import { generator } from './random.mjs'

const PAGE = 4096
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const FIXED = PRIVATE | C.MAP_FIXED
const PUNCH = C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE
/** Pages under locks; of memory without; of the file. */
export const [LOCKED, LOOSE, SHOWN] = [24, 32, 8]
/** Where each is mapped; `control` has a lock and a version a page, and the number of threads that ended. */
const { control, locked, loose, shown, scratch, file, seed, end } = workerData
const next = generator(seed)
const [WORDS, ALL] = [64, PAGE / 4]
/** The highest bits of a word say where it belongs. */
const [IN_LOCKED, IN_LOOSE, IN_SHOWN] = [0xa0, 0xb0, 0xc0]

const lockOf = page => control + 8 + page * 8
const versionOf = page => lockOf(page) + 4
const wordOf = (kind, page, version) => ((kind << 24) | (page << 16) | (version & 0xffff)) >>> 0

/** Runs a call that others may have made impossible meanwhile; undefined if they did. */
function attempt(call, ...codes) {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof SysError || error instanceof FaultError) || !codes.includes(error.code)) throw error
    return undefined
  }
}

function wrong(what, page, value) {
  throw new Error(`thread ${self.tid}: ${what} at page ${page}: 0x${value.toString(16)}`)
}

/** All words of a page, which must be as the page's version says. */
function checkPage(process, at, page, version) {
  const expected = version === 0 ? 0 : wordOf(IN_LOCKED, page, version)
  for (let i = 0; i < WORDS; i++) {
    const value = process.load32(at + ((i * 61) % ALL) * 4)
    if (value !== expected) wrong(`a word is not 0x${expected.toString(16)}`, page, value)
  }
}

function writePage(process, at, page, version) {
  const word = wordOf(IN_LOCKED, page, version)
  for (let i = 0; i < WORDS; i++) process.store32(at + ((i * 61) % ALL) * 4, word)
}

/** Does something to a page while no other thread may; `change` returns its new version. */
function withPage(change) {
  const page = next(LOCKED)
  if (self.compareExchange32(lockOf(page), 0, self.tid) !== 0) return
  const version = self.load32(versionOf(page))
  const at = locked + page * PAGE
  checkPage(self, at, page, version)
  self.store32(versionOf(page), change(at, page, version))
  if (self.compareExchange32(lockOf(page), self.tid, 0) !== self.tid) wrong('a lock has another owner', page, self.load32(lockOf(page)))
}

/** The code of the fault that an access must cause. */
function faultOf(access, page) {
  try {
    access()
  } catch (error) {
    if (error instanceof FaultError) return error.code
    throw error
  }
  return wrong('an access went through', page, 0)
}

const underLock = [
  (at, page, version) => {
    writePage(self, at, page, version + 1)
    return version + 1
  },
  (at, page, version) => {
    writePage(self, at, page, version + 1)
    checkPage(self, at, page, version + 1)
    return version + 1
  },
  at => {
    self.madvise(at, PAGE, C.MADV_DONTNEED)
    return 0
  },
  (at, page) => {
    self.munmap(at, PAGE)
    if (faultOf(() => self.load32(at), page) !== 'SEGV_MAPERR') wrong('an unmapped page has a VMA', page, 0)
    self.mmap(at, PAGE, RW, FIXED)
    return 0
  },
  (at, page, version) => {
    self.mprotect(at, PAGE, next(2) * C.PROT_READ)
    if (faultOf(() => self.store32(at, 1), page) !== 'SEGV_ACCERR') wrong('a page has no VMA', page, 0)
    self.mprotect(at, PAGE, RW)
    checkPage(self, at, page, version)
    return version
  },
  (at, page, version) => {
    const away = scratch + self.tid * PAGE
    self.mremap(at, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, away)
    checkPage(self, away, page, version)
    writePage(self, away, page, version + 1)
    self.mremap(away, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, at)
    checkPage(self, at, page, version + 1)
    return version + 1
  },
  (at, page, version) => {
    const child = attempt(() => self.fork(), 'ENOMEM')
    if (!child) return version
    checkPage(child, at, page, version)
    writePage(self, at, page, version + 1)
    checkPage(child, at, page, version)
    attempt(() => writePage(child, at, page, version + 7), 'ENOMEM')
    checkPage(self, at, page, version + 1)
    child.exit(0)
    if (self.wait({ pid: child.pid })?.pid !== child.pid) wrong('a child did not end', page, child.pid)
    return version + 1
  },
]

/** A word that may be any thread's, or 0. */
function checkWord(kind, page, value) {
  const [of, at] = [value >>> 24, (value >>> 16) & 0xff]
  // loose pages move about
  if (value !== 0 && (of !== kind || (kind !== IN_LOOSE && at !== page))) wrong('a word of something else', page, value)
}

/** Codes of what fails where others changed rights and mappings. */
const FAULTS = ['SEGV_MAPERR', 'SEGV_ACCERR', 'BUS_ADRERR', 'ENOMEM']

/** Reads or writes a word, or writes several pages at once. */
function touch(kind, base, pages) {
  const page = next(pages)
  const at = base + page * PAGE + next(ALL) * 4
  attempt(
    () => {
      if (next(2) === 0) self.store32(at, wordOf(kind, page, self.tid))
      else checkWord(kind, page, self.load32(at))
    },
    ...FAULTS,
  )
}

const looseRange = () => {
  const page = next(LOOSE)
  return [loose + page * PAGE, (1 + next(Math.min(6, LOOSE - page))) * PAGE]
}

const anywhere = [
  () => touch(IN_LOOSE, loose, LOOSE),
  () => touch(IN_SHOWN, shown, SHOWN),
  () => checkWord(IN_LOCKED, 0, attempt(() => self.load32(locked), ...FAULTS) ?? 0),
  () => self.munmap(...looseRange()),
  () => attempt(() => self.mmap(...looseRange(), RW, FIXED), 'ENOMEM'),
  () => attempt(() => self.mmap(...looseRange(), RW, FIXED | C.MAP_POPULATE), 'ENOMEM'),
  () => attempt(() => self.mprotect(...looseRange(), next(4)), 'ENOMEM'),
  () =>
    attempt(
      () => self.madvise(...looseRange(), [C.MADV_DONTNEED, C.MADV_FREE, C.MADV_POPULATE_READ][next(3)]),
      'ENOMEM',
      'EFAULT',
      'EINVAL',
    ),
  () => {
    const [[from, length], [to]] = [looseRange(), looseRange()]
    const fits = to + length <= loose + LOOSE * PAGE && (to + length <= from || from + length <= to)
    if (fits) attempt(() => self.mremap(from, length, length, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, to), 'EFAULT', 'ENOMEM', 'EINVAL')
  },
  () => self.clearRefs(1 + next(4)),
  () => attempt(() => self.ftruncate(file, next(SHOWN + 1) * PAGE), 'ENOMEM'),
  () => attempt(() => self.fallocate(file, PUNCH, next(SHOWN) * PAGE, PAGE), 'ENOMEM'),
  () => {
    // numbers that all threads open and close
    const fd = 20 + next(8)
    attempt(() => self.dup2(file, fd), 'ENOMEM', 'EBUSY')
    attempt(() => self.fstat(20 + next(8)), 'EBADF')
    attempt(() => self.pread(20 + next(8), 100, 0), 'EBADF')
    attempt(() => self.close(20 + next(8)), 'EBADF')
  },
  () => {
    const fd = attempt(() => self.memfd_create('own', 0), 'ENOMEM')
    if (fd === undefined) return
    attempt(() => self.pwrite(fd, Uint8Array.of(self.tid), 0), 'ENOMEM')
    const [byte = self.tid & 255] = self.pread(fd, 1, 0)
    if (byte !== (self.tid & 255)) wrong('a descriptor is of another file', fd, byte)
    self.close(fd)
  },
]

while (Date.now() < end && (workerData.first || next(3000) !== 0)) {
  if (next(3) !== 0) withPage(underLock[next(underLock.length)])
  else for (let i = next(6); i >= 0; i--) anywhere[next(anywhere.length)]()
}
self.add32(control, 1)
