// Names, allocators, ends of processes, words that are waited for, and the stop of the machine.
import { constants as C } from 'faultline'
import { EBADF, ECHILD, EEXIST, ENOENT, ENOMEM, ESRCH } from '#dist/abi/errno.gen.js'
import type { Call, Program } from '../program.js'
import { A, ANONYMOUS, B, FILE, PAGE, REMOVE_FILE, RW, SHARED, segment, sharedFile, WAIT_ON_NOTIFY } from './common.js'

const EXCLUSIVE = C.O_RDWR | C.O_CREAT | C.O_EXCL
/** A machine whose memory is out soon. */
const TINY = 260

/** A page that init, a and b share at A, for words that they wait for. */
const WORDS = [...sharedFile(1, { init: SHARED, a: SHARED, b: SHARED })]
const UNMAP: readonly Call[] = [['munmap', A, PAGE], ...REMOVE_FILE]
/** A frame and a block of eight. */
const TAKE: readonly Call[] = [
  ['takeFrames', 0],
  ['takeFrames', 3],
]
const ADD: readonly Call[] = [
  ['lock', A],
  ['increment', A + 4],
  ['unlock', A],
]

export const systemCases: readonly Program[] = [
  {
    name: 'create-create',
    setup: [],
    threads: { a: [['open', FILE, EXCLUSIVE, 0o600]], b: [['open', FILE, EXCLUSIVE, 0o600]] },
    answers: { a: [[0, -EEXIST]], b: [[0, -EEXIST]] },
    check: ({ a = [], b = [] }) => (a[0] === b[0] ? 'not exactly one made it' : undefined),
    teardown: [['unlink', FILE]],
  },
  {
    name: 'unlink-unlink',
    setup: sharedFile(1, {}),
    threads: { a: [['unlink', FILE]], b: [['unlink', FILE]] },
    answers: { a: [[0, -ENOENT]], b: [[0, -ENOENT]] },
    check: ({ a = [], b = [] }) => (a[0] === b[0] ? 'not exactly one removed it' : undefined),
    teardown: [['close', 0]],
  },
  {
    name: 'open-unlink',
    setup: [
      ['open', FILE, C.O_RDWR | C.O_CREAT, 0o600],
      ['pwrite', 0, 0, 8],
      ['close', 0],
    ],
    threads: {
      a: [
        ['open', FILE, C.O_RDWR, 0],
        ['pread', 0, 0, 8],
      ],
      b: [['unlink', FILE]],
    },
    answers: {
      a: [
        [0, -ENOENT],
        [8, -EBADF],
      ],
    },
  },
  {
    name: 'refill',
    frames: TINY,
    setup: [
      ['a.mmap', A, 64 * PAGE, RW, ANONYMOUS, -1, 0],
      ['b.mmap', A, 64 * PAGE, RW, ANONYMOUS, -1, 0],
    ],
    threads: {
      a: [
        ['fill', A, 1, 20 * PAGE],
        ['munmap', A, 64 * PAGE],
      ],
      b: [
        ['fill', A, 2, 20 * PAGE],
        ['munmap', A, 64 * PAGE],
      ],
    },
    answers: { a: [undefined, [0]], b: [undefined, [0]] },
  },
  {
    name: 'take-frames',
    setup: [],
    threads: { a: TAKE, b: TAKE },
    after: ['a', 'b'].flatMap((who): Call[] => [
      [`${who}.giveFrames`, `$${who}0`, 0],
      [`${who}.giveFrames`, `$${who}1`, 3],
    ]),
    check: ({ a = [], b = [] }) => {
      const taken = [...a, ...b]
      return new Set(taken).size < taken.length || taken.includes(0) ? `frames ${taken.join(', ')}` : undefined
    },
  },
  {
    name: 'slab',
    setup: [],
    threads: {
      a: [
        ['mmap', A, PAGE, RW, ANONYMOUS, -1, 0],
        ['mmap', B, PAGE, RW, ANONYMOUS, -1, 0],
        ['munmap', A, PAGE],
      ],
      b: [
        ['mmap', A, PAGE, RW, ANONYMOUS, -1, 0],
        ['munmap', A, PAGE],
        ['mmap', B, PAGE, RW, ANONYMOUS, -1, 0],
      ],
    },
  },
  {
    name: 'fork-exit-wait',
    setup: [
      ['a.mmap', A, PAGE, RW, ANONYMOUS, -1, 0],
      ['a.store', A, 5],
    ],
    threads: { a: [['fork'], ['exit@$0', 1], ['wait', -1, 0]], b: [['fork'], ['exit', 2]], init: [['wait', 3, 1]] },
    answers: { a: [[4, 5]], b: [[4, 5], [0]], init: [[3]] },
    // b's child becomes init's
    teardown: [['wait', -1, 0]],
  },
  {
    name: 'kill-fault',
    setup: segment(['a', 'b']),
    threads: {
      a: [
        ['store', A, 7],
        ['load', A],
      ],
      b: [
        ['kill', 2, C.SIGKILL],
        ['store', A, 8],
      ],
    },
    answers: {
      a: [
        [0, -ESRCH],
        [7, 8, -ESRCH],
      ],
    },
    teardown: [['shmctl', 0, C.IPC_RMID]],
  },
  {
    name: 'kill-map',
    setup: [],
    threads: {
      a: [
        ['mmap', A, PAGE, RW, ANONYMOUS, -1, 0],
        ['store', A, 7],
      ],
      init: [
        ['kill', 2, C.SIGKILL],
        ['terminate', 1],
      ],
    },
    answers: {
      a: [
        [A, -ESRCH],
        [0, -ESRCH],
      ],
      init: [[0], [C.SIGKILL]],
    },
  },
  {
    name: 'kill-attach',
    setup: segment([]),
    threads: {
      a: [
        ['shmat', 0, A, 0],
        ['store', A, 7],
      ],
      init: [
        ['kill', 2, C.SIGKILL],
        ['terminate', 1],
        ['shmctl', 0, C.IPC_RMID],
      ],
    },
    answers: {
      a: [
        [A, -ESRCH],
        [0, -ESRCH],
      ],
      init: [[0], [C.SIGKILL], [0]],
    },
  },
  {
    name: 'kill-fork',
    setup: [
      ['a.mmap', A, PAGE, RW, ANONYMOUS, -1, 0],
      ['a.store', A, 5],
    ],
    threads: {
      a: [['fork'], ['store', A, 7]],
      init: [
        ['kill', 2, C.SIGKILL],
        ['terminate', 1],
        ['wait', -1, 0],
      ],
    },
    answers: {
      a: [
        [3, -ESRCH],
        [0, -ESRCH],
      ],
      init: [[0], [C.SIGKILL], [3, -ECHILD]],
    },
  },
  {
    name: 'kill-wait-on',
    setup: WORDS,
    threads: {
      a: [['waitOn', A, 0]],
      b: [
        ['kill', 2, C.SIGKILL],
        ['notify', A, 1],
      ],
    },
    answers: { a: [[0, 1, -ESRCH]], b: [[0], [0, 1]] },
    teardown: UNMAP,
  },
  {
    name: 'terminate-fault',
    setup: segment(['a']),
    threads: {
      a: [
        ['store', A, 7],
        ['shmdt', A],
      ],
      init: [
        ['terminate', 1, 9],
        ['shmctl', 0, C.IPC_RMID],
      ],
    },
    answers: {
      a: [
        [0, -ESRCH],
        [0, -ESRCH],
      ],
      init: [[9 << 8], [0]],
    },
  },
  {
    name: 'terminate-close',
    setup: [],
    threads: { a: [['close', 5]], init: [['terminate', 1, 9]] },
    answers: { a: [[-EBADF, -ESRCH]], init: [[9 << 8]] },
  },
  {
    name: 'terminate-wait-on',
    setup: WORDS,
    threads: { a: [['waitOn', A, 0]], b: [['notify', A, 1]], init: [['terminate', 1, 9]] },
    answers: { a: [[0, 1, -ESRCH]], b: [[0, 1]], init: [[9 << 8]] },
    teardown: UNMAP,
  },
  {
    name: 'wait-exit',
    setup: [],
    threads: {
      init: [
        ['wait', -1, 1],
        ['wait', -1, 1],
      ],
      a: [['exit', 1]],
      b: [['exit', 2]],
    },
    check: ({ init = [] }) => ([2, 3].every(pid => init.includes(pid)) ? undefined : `init waited for ${init.join(', ')}`),
  },
  {
    name: 'wait-on-notify',
    setup: WORDS,
    ...WAIT_ON_NOTIFY,
    teardown: UNMAP,
  },
  {
    name: 'mutex',
    setup: WORDS,
    threads: { a: ADD, b: ADD },
    after: [
      ['load', A + 4],
      ['load', A],
    ],
    answers: { after: [[2], [0]] },
    teardown: UNMAP,
  },
  {
    name: 'stop-fault',
    setup: sharedFile(1, { a: SHARED }),
    threads: {
      a: [
        ['store', A, 7],
        ['load', A],
      ],
      init: [['validate']],
    },
    answers: { a: [[0], [7]], init: [[0]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'stop-attach',
    setup: segment([]),
    threads: {
      a: [
        ['shmat', 0, A, 0],
        ['shmdt', A],
      ],
      init: [['validate']],
    },
    answers: { init: [[0]] },
    teardown: [['shmctl', 0, C.IPC_RMID]],
  },
  {
    name: 'stop-stat',
    setup: segment([]),
    threads: {
      a: [
        ['shmctl', 0, C.IPC_STAT],
        ['shmctl', 0, C.IPC_STAT],
      ],
      init: [['validate']],
    },
    answers: { init: [[0]] },
    teardown: [['shmctl', 0, C.IPC_RMID]],
  },
  {
    name: 'stop-wait-on',
    setup: WORDS,
    threads: {
      a: [['waitOn', A, 0]],
      b: [
        ['store', A, 1],
        ['notify', A, 1],
      ],
      init: [['validate']],
    },
    answers: { a: [[1, 2]], b: [[0], [0, 1]], init: [[0]] },
    teardown: UNMAP,
  },
  {
    name: 'out-of-memory',
    frames: TINY,
    setup: [
      ['a.mmap', A, 70 * PAGE, RW, ANONYMOUS, -1, 0],
      ['a.fill', A, 1, 60 * PAGE],
      ['b.mmap', A, 4 * PAGE, RW, ANONYMOUS, -1, 0],
    ],
    threads: {
      a: [
        ['store', A + 60 * PAGE, 1],
        ['munmap', A, 8 * PAGE],
      ],
      b: [
        ['store', A, 2],
        ['store', A + PAGE, 3],
      ],
    },
    answers: {
      // who asks when nothing is left is killed, or the other is for its sake
      a: [
        [0, -ENOMEM, -ESRCH],
        [0, -ESRCH],
      ],
      b: [
        [0, -ENOMEM, -ESRCH],
        [0, -ENOMEM, -ESRCH],
      ],
    },
  },
]
