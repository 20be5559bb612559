// Two threads of one process: faults against faults, and against what changes the space they share.
import { constants as C } from 'faultline'
import { EBADF, EFAULT, ESRCH } from '#dist/abi/errno.gen.js'
import type { Call, Program, Result, Results } from '../program.js'
import { A, ANONYMOUS, B, PAGE, PRIVATE, REMOVE_FILE, RW, SHARED, sharedFile, WAIT_ON_NOTIFY } from './common.js'

/** `b` is a thread of the process of `a`. */
const CLONES = { b: 'a' }
/** What the end of a thread tells while another of its process lives. */
const LIVES = -1
const STATUS: readonly Result[] = [LIVES, 0, 3 << 8, 4 << 8]
const SEGV: readonly Result[] = [0, 'SIGSEGV']
/** Some private pages at A. */
const pages = (count: number, rights = RW): Call => ['a.mmap', A, count * PAGE, rights, ANONYMOUS, -1, 0]
const ADD: readonly Call[] = [
  ['lock', A],
  ['increment', A + 4],
  ['unlock', A],
]
const STORE_LOAD: readonly Call[] = [
  ['store', A, 7],
  ['load', A],
]

/** The end of the last thread of a process tells how that ended, and no other's. */
function oneStatus({ init = [] }: Results): string | undefined {
  const statuses = init.slice(-2).filter(status => status !== LIVES)
  return statuses.length === 1 ? undefined : `the threads' ends tell of ${statuses.length} ends of the process`
}

/** What stands at A, and 4 bytes behind it, once both threads are through. */
const LOADS: readonly Call[] = [
  ['a.load', A],
  ['a.load', A + 4],
]

const faults: readonly Program[] = [
  {
    name: 'threads-fault-fault',
    setup: [pages(1)],
    threads: { a: [['store', A, 7]], b: [['store', A + 4, 8]] },
    after: LOADS,
    answers: { after: [[7], [8]] },
  },
  {
    // the VMA has a family and the page a table, so that neither needs more than to set the entry
    name: 'threads-fault-fault-beside',
    setup: [pages(2), ['a.store', A + PAGE, 1]],
    threads: { a: [['store', A, 7]], b: [['store', A + 4, 8]] },
    after: LOADS,
    answers: { after: [[7], [8]] },
  },
  {
    name: 'threads-fault-fault-zero-page',
    setup: [pages(1)],
    threads: {
      a: [['load', A], ...STORE_LOAD],
      b: [
        ['load', A],
        ['store', A + 4, 8],
        ['load', A],
      ],
    },
    after: LOADS,
    answers: { a: [[0], [0], [7]], b: [[0, 7], [0], [0, 7]], after: [[7], [8]] },
    check: ({ b = [] }) => (b[0] === 7 && b[2] === 0 ? 'b saw 7, and then what was before' : undefined),
  },
  {
    name: 'threads-fault-fault-tables',
    setup: [['a.mmap', A, 2 ** 31, RW, ANONYMOUS | C.MAP_NORESERVE, -1, 0]],
    threads: {
      a: [
        ['store', A, 7],
        ['store', A + 2 ** 30, 7],
      ],
      b: [
        ['store', A + PAGE, 8],
        ['store', A + 2 ** 30 + 2 ** 21, 8],
      ],
    },
    after: [0, PAGE, 2 ** 30, 2 ** 30 + 2 ** 21].map((at): Call => ['b.load', A + at]),
    answers: { after: [[7], [8], [7], [8]] },
  },
  {
    name: 'threads-fault-fault-copy',
    // the child, which has a's thread, has the page as it was
    setup: [pages(1), ['a.store', A, 5], ['a.fork']],
    threads: { a: STORE_LOAD, b: [['store', A + 4, 8]] },
    after: [...LOADS, ['a.load@4', A], ['a.load@4', A + 4], ['a.exit@4', 0], ['a.wait', -1, 0]],
    answers: { a: [[0], [7]], after: [[7], [8], [5], [0], [0], [4]] },
  },
  {
    name: 'threads-fault-fault-file',
    setup: [...sharedFile(1, {}, ['a']), ['a.mmap', A, PAGE, RW, PRIVATE, 0, 0], ['a.mmap', B, PAGE, RW, SHARED, 0, 0]],
    threads: {
      a: STORE_LOAD,
      b: [
        ['store', B + 4, 8],
        ['load', A],
      ],
    },
    answers: { a: [[0], [7]], b: [[0], [0, 7]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'threads-fault-fault-stack',
    setup: [['a.mmap', A, PAGE, RW, ANONYMOUS | C.MAP_GROWSDOWN, -1, 0]],
    threads: {
      a: [
        ['store', A - PAGE, 7],
        ['load', A - 2 * PAGE],
      ],
      b: [
        ['store', A - 2 * PAGE, 8],
        ['load', A - PAGE],
      ],
    },
    answers: { a: [[0], [0, 8]], b: [[0], [0, 7]] },
  },
]

const changes: readonly Program[] = [
  {
    name: 'threads-fault-munmap',
    setup: [pages(1)],
    threads: { a: STORE_LOAD, b: [['munmap', A, PAGE]] },
    answers: { a: [SEGV, [7, 'SIGSEGV']] },
    check: ({ a = [] }) => (a[0] !== 0 && a[1] === 7 ? 'a page that was gone is there again' : undefined),
  },
  {
    name: 'threads-fault-munmap-mmap',
    setup: [pages(1), ['a.store', A, 5]],
    threads: {
      a: [...STORE_LOAD, ['load', A]],
      b: [
        ['munmap', A, PAGE],
        ['mmap', A, PAGE, RW, ANONYMOUS, -1, 0],
      ],
    },
    answers: { a: [SEGV, [0, 7, 'SIGSEGV'], [0, 7, 'SIGSEGV']], b: [[0], [A]] },
    check: ({ a = [] }) => (a[1] === 0 && a[2] !== 0 ? `a saw the new page, and then ${a[2]}` : undefined),
  },
  {
    name: 'threads-fault-mmap-over',
    setup: [pages(2), ['a.store', A, 5]],
    threads: { a: [...STORE_LOAD, ['store', A + PAGE, 9]], b: [['mmap', A, PAGE, RW, ANONYMOUS, -1, 0]] },
    after: [['a.load', A + PAGE]],
    answers: { a: [[0], [0, 7], [0]], b: [[A]], after: [[9]] },
  },
  {
    name: 'threads-fault-mprotect',
    setup: [pages(2), ['a.store', A, 5]],
    threads: {
      a: [
        ['store', A, 7],
        ['store', A + PAGE, 8],
      ],
      b: [
        ['mprotect', A, PAGE, C.PROT_READ],
        ['load', A],
        ['load', A],
      ],
    },
    answers: { a: [SEGV, [0]], b: [[0], [5, 7], [5, 7]] },
    check: ({ b = [] }) => (b[1] === b[2] ? undefined : 'a wrote what may only be read'),
  },
  {
    name: 'threads-fault-mprotect-none',
    setup: [pages(1, C.PROT_NONE)],
    threads: {
      a: STORE_LOAD,
      b: [
        ['mprotect', A, PAGE, RW],
        ['store', A + 4, 8],
      ],
    },
    after: [['a.load', A + 4]],
    answers: { a: [SEGV, [0, 7, 'SIGSEGV']], after: [[8]] },
  },
  {
    name: 'threads-fault-mremap',
    setup: [pages(1), ['a.store', A, 5]],
    threads: {
      a: STORE_LOAD,
      b: [
        ['mremap', A, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, B],
        ['load', B],
        ['load', B],
      ],
    },
    answers: { a: [SEGV, [7, 'SIGSEGV']], b: [[B], [5, 7], [5, 7]] },
    check: ({ a = [], b = [] }) => (b[1] === b[2] && b[2] === (a[0] === 0 ? 7 : 5) ? undefined : 'a store is lost, or came late'),
  },
  {
    name: 'threads-fault-mremap-target',
    setup: [pages(1), ['a.store', A, 5]],
    threads: {
      a: [
        ['load', B],
        ['store', B + 4, 8],
        ['load', B],
      ],
      b: [['mremap', A, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, B]],
    },
    answers: { a: [[5, 'SIGSEGV'], SEGV, [5, 'SIGSEGV']], b: [[B]] },
  },
  {
    name: 'threads-fault-discard',
    setup: [pages(1), ['a.store', A, 5]],
    threads: { a: [...STORE_LOAD, ['load', A]], b: [['madvise', A, PAGE, C.MADV_DONTNEED]] },
    answers: { a: [[0], [0, 7], [0, 7]] },
    check: ({ a = [] }) => (a[1] === 0 && a[2] === 7 ? 'what was discarded is there again' : undefined),
  },
  {
    name: 'threads-fault-mlock',
    setup: [pages(2)],
    threads: { a: STORE_LOAD, b: [['mlock', A, 2 * PAGE]] },
    answers: { a: [[0], [7]] },
  },
  {
    name: 'threads-fault-fork',
    setup: [pages(1), ['a.store', A, 5]],
    threads: { a: [...STORE_LOAD, ['load', A]], b: [['fork'], ['load@4', A], ['load@4', A], ['exit@4', 0], ['wait', 4, 0]] },
    after: [['a.load', A]],
    answers: { a: [[0], [7], [7]], b: [[4], [5, 7], [5, 7], [0], [4]], after: [[7]] },
    check: ({ b = [] }) => (b[1] === b[2] ? undefined : 'the child sees a store of its parent'),
  },
  {
    name: 'threads-mmap-mmap',
    setup: [],
    threads: {
      a: [
        ['mmap', 0, PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS, -1, 0],
        ['store', '$0', 7],
        ['munmap', '$0', PAGE],
      ],
      b: [
        ['mmap', 0, 2 * PAGE, RW, C.MAP_PRIVATE | C.MAP_ANONYMOUS, -1, 0],
        ['store', '$0', 8],
        ['load', '$0'],
      ],
    },
    answers: { b: [undefined, [0], [8]] },
  },
  {
    name: 'threads-munmap-mprotect',
    setup: [pages(4), ['a.fill', A, 1, 4 * PAGE]],
    threads: {
      a: [['munmap', A + PAGE, PAGE]],
      b: [
        ['mprotect', A, PAGE, C.PROT_READ],
        ['mprotect', A + 2 * PAGE, PAGE, C.PROT_READ],
      ],
    },
  },
  {
    name: 'threads-close-read',
    setup: sharedFile(1, {}, ['a']),
    threads: {
      a: [
        ['pwrite', 0, 0, 8],
        ['pread', 0, 0, 8],
      ],
      b: [['close', 0]],
    },
    answers: {
      a: [
        [8, -EBADF],
        [8, -EBADF],
      ],
    },
    check: ({ a = [] }) => (a[0] === -EBADF && a[1] === 8 ? 'a descriptor that was closed is open again' : undefined),
    teardown: REMOVE_FILE,
  },
]

const ends: readonly Program[] = [
  {
    name: 'threads-exit-fault',
    setup: [pages(1)],
    threads: { a: [['exit', 3]], b: STORE_LOAD },
    answers: {
      b: [
        [0, -ESRCH],
        [7, -ESRCH],
      ],
    },
    check: ({ b = [] }) => (b[0] !== 0 && b[1] === 7 ? 'a process that had ended goes on' : undefined),
  },
  {
    name: 'threads-exit-thread-fault',
    setup: [pages(1)],
    threads: { a: [['exitThread', 3]], b: [...STORE_LOAD, ['munmap', A, PAGE]] },
    answers: { b: [[0], [7], [0]] },
  },
  {
    name: 'threads-exit-thread-both',
    setup: [pages(1), ['a.store', A, 5]],
    threads: {
      a: [['exitThread', 3]],
      b: [['exitThread', 4]],
      init: [['wait', 2, 1]],
    },
    answers: { init: [[2]] },
  },
  {
    name: 'threads-exit-exit',
    setup: [pages(1), ['a.store', A, 5]],
    // the thread of who came second is ended by its host, at the latest
    threads: {
      a: [['exit', 3]],
      b: [['exit', 4]],
      init: [
        ['terminate', 1],
        ['terminate', 2],
      ],
    },
    answers: { a: [[0, -ESRCH]], b: [[0, -ESRCH]], init: [STATUS, STATUS] },
    check: oneStatus,
  },
  {
    name: 'threads-kill',
    setup: [pages(1)],
    threads: {
      a: STORE_LOAD,
      b: [['store', A + 4, 8]],
      init: [
        ['kill', 3, C.SIGKILL],
        ['terminate', 1],
        ['terminate', 2],
      ],
    },
    answers: {
      a: [
        [0, -ESRCH],
        [7, -ESRCH],
      ],
      b: [[0, -ESRCH]],
      init: [[0], [LIVES, C.SIGKILL], [LIVES, C.SIGKILL]],
    },
    check: oneStatus,
  },
  {
    name: 'threads-terminate-fault',
    setup: [pages(1)],
    threads: { a: [...STORE_LOAD, ['munmap', A, PAGE]], b: [['store', A + 4, 8]], init: [['terminate', 2, 9]] },
    answers: { init: [[LIVES]], a: [[0], [7], [0]], b: [[0, -ESRCH, 'SIGSEGV']] },
  },
]

const words: readonly Program[] = [
  {
    name: 'threads-wait-on-notify',
    setup: [pages(1)],
    ...WAIT_ON_NOTIFY,
  },
  {
    name: 'threads-mutex',
    setup: [pages(1)],
    threads: { a: ADD, b: ADD },
    after: [
      ['a.load', A + 4],
      ['b.load', A],
    ],
    answers: { after: [[2], [0]] },
  },
  {
    name: 'threads-wait-on-exit',
    setup: [pages(1)],
    threads: { a: [['waitOn', A, 0]], b: [['exit', 3]] },
    answers: { a: [[-ESRCH]] },
  },
  {
    name: 'threads-wait-on-munmap',
    setup: [pages(1)],
    threads: {
      a: [['waitOn', A, 0]],
      b: [
        ['munmap', A, PAGE],
        ['mmap', A, PAGE, RW, ANONYMOUS, -1, 0],
        ['store', A, 1],
        ['notify', A, 1],
      ],
    },
    // a word of private memory is known by its address: also one that is mapped anew
    answers: { a: [[1, 2, -EFAULT]], b: [[0], [A], [0], [0, 1]] },
  },
]

export const threadCases: readonly Program[] = [...faults, ...changes, ...ends, ...words].map(program => ({ ...program, clones: CLONES }))
