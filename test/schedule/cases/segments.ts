// System V segments: keys, ids and attachments.
import { constants as C } from 'faultline'
import { EEXIST, EIDRM, EINVAL } from '#dist/abi/errno.gen.js'
import type { Program } from '../program.js'
import { A, B, PAGE, segment } from './common.js'

const { IPC_CREAT, IPC_EXCL, IPC_RMID } = C
const GONE = [-EINVAL, -EIDRM]
const RMID = ['shmctl', 0, IPC_RMID] as const
const STAT = ['shmctl', 0, C.IPC_STAT] as const
/** The id of the second segment: indices are used again late. */
const SECOND = 1

export const segmentCases: readonly Program[] = [
  {
    name: 'rmid-attach',
    setup: segment([]),
    threads: {
      a: [
        ['shmat', 0, A, 0],
        ['store', A, 7],
      ],
      b: [RMID],
    },
    answers: {
      a: [
        [A, ...GONE],
        [0, 'SIGSEGV'],
      ],
    },
    check: ({ a = [] }) => ((a[0] === A) === (a[1] === 0) ? undefined : 'attached, and yet no memory'),
  },
  {
    name: 'rmid-detach',
    setup: [...segment(['a']), ['a.store', A, 7]],
    threads: { a: [['shmdt', A]], b: [RMID] },
  },
  {
    name: 'rmid-rmid',
    setup: segment(['a']),
    threads: { a: [RMID], b: [RMID] },
    check: ({ a = [], b = [] }) => (a[0] === 0 || b[0] === 0 ? undefined : 'nobody removed it'),
    answers: { a: [[0, ...GONE]], b: [[0, ...GONE]] },
  },
  {
    name: 'detach-detach',
    setup: [...segment(['a', 'b']), ['a.store', A, 7], ['b.load', A], [...RMID]],
    threads: { a: [['shmdt', A]], b: [['shmdt', A]] },
  },
  {
    name: 'detach-fault',
    setup: [...segment(['a', 'b']), [...RMID]],
    threads: {
      a: [
        ['store', A, 7],
        ['load', A],
      ],
      b: [
        ['store', A + 4, 8],
        ['shmdt', A],
      ],
    },
    answers: { a: [[0], [7]] },
  },
  {
    name: 'stat-three',
    setup: segment([]),
    threads: { a: [STAT], b: [STAT], init: [STAT, RMID] },
    answers: { a: [[0, ...GONE]], b: [[0, ...GONE]] },
  },
  {
    name: 'get-get',
    setup: [],
    threads: { a: [['shmget', 1, PAGE, IPC_CREAT | 0o600]], b: [['shmget', 1, PAGE, IPC_CREAT | 0o600]] },
    check: ({ a = [], b = [] }) => (a[0] === b[0] ? undefined : 'one key, two segments'),
    teardown: [RMID],
  },
  {
    name: 'get-get-exclusive',
    setup: [],
    threads: { a: [['shmget', 1, PAGE, IPC_CREAT | IPC_EXCL | 0o600]], b: [['shmget', 1, PAGE, IPC_CREAT | IPC_EXCL | 0o600]] },
    answers: { a: [[0, -EEXIST]], b: [[0, -EEXIST]] },
    check: ({ a = [], b = [] }) => (a[0] === b[0] ? 'not exactly one made it' : undefined),
    teardown: [RMID],
  },
  {
    name: 'rmid-get',
    setup: segment(['a']),
    threads: {
      a: [
        ['shmget', 1, PAGE, IPC_CREAT | 0o600],
        ['shmat', 0, B, 0],
      ],
      b: [RMID],
    },
    answers: {
      a: [
        [0, SECOND],
        [B, ...GONE],
      ],
      after: [[0, ...GONE]],
    },
    after: [['shmctl', SECOND, IPC_RMID]],
  },
  {
    name: 'rmid-get-fresh',
    setup: segment([]),
    threads: { a: [['shmget', 1, PAGE, IPC_CREAT | 0o600]], b: [RMID] },
    answers: { a: [[0, SECOND]], after: [[0, ...GONE]] },
    after: [['shmctl', SECOND, IPC_RMID]],
  },
  {
    name: 'fork-rmid',
    setup: [...segment(['a']), ['a.store', A, 5]],
    threads: { a: [['fork'], ['load@4', A], ['exit@4', 0]], b: [RMID] },
    answers: { a: [[4], [5], [0]] },
  },
  {
    name: 'exit-attach',
    setup: [...segment(['a']), ['a.store', A, 5]],
    threads: {
      a: [['exit', 0]],
      b: [
        ['shmat', 0, A, 0],
        ['load', A],
      ],
      init: [RMID],
    },
    answers: {
      b: [
        [A, ...GONE],
        [5, 'SIGSEGV'],
      ],
    },
  },
]
