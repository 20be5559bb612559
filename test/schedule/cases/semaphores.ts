// System V semaphores: who sleeps is woken, all operations or none.
import { constants as C } from 'faultline'
import { EAGAIN, EDEADLK, EIDRM, EINVAL, ESRCH } from '#dist/abi/errno.gen.js'
import { GETVAL, SEM_UNDO } from '#dist/abi/sem.gen.js'
import type { Call, Program } from '../program.js'

const { IPC_CREAT, IPC_NOWAIT, IPC_RMID } = C
const RMID = ['semctl', 0, 0, IPC_RMID] as const
/** A set of two, id 0. */
const SET: readonly Call[] = [['semget', 1, 2, IPC_CREAT | 0o600]]
const DOWN = ['semop', 0, 0, -1, 0] as const
const UP = ['semop', 0, 0, 1, 0] as const
const VALUE = ['semctl', 0, 0, GETVAL] as const
const GONE = [-EIDRM, -EINVAL]

export const semaphoreCases: readonly Program[] = [
  {
    name: 'sem-up-down',
    setup: SET,
    threads: { a: [DOWN], b: [UP] },
    after: [VALUE],
    answers: { after: [[0]] },
    teardown: [RMID],
  },
  {
    name: 'sem-mutex',
    setup: [...SET, ['setval', 0, 0, 1]],
    threads: { a: [DOWN, UP], b: [DOWN, UP], init: [DOWN, UP] },
    after: [VALUE],
    answers: { after: [[1]] },
    teardown: [RMID],
  },
  {
    name: 'sem-both-or-none',
    setup: [...SET, ['setval', 0, 0, 1], ['setval', 0, 1, 1]],
    threads: {
      a: [
        ['semop', 0, 0, -1, 0, 1, -1, 0],
        ['semop', 0, 0, 1, 0, 1, 1, 0],
      ],
      b: [
        ['semop', 0, 1, -1, 0, 0, -1, 0],
        ['semop', 0, 1, 1, 0, 0, 1, 0],
      ],
    },
    after: [VALUE],
    answers: { after: [[1]] },
    teardown: [RMID],
  },
  {
    name: 'sem-try',
    setup: [...SET, ['setval', 0, 0, 1]],
    threads: { a: [['semop', 0, 0, -1, IPC_NOWAIT]], b: [['semop', 0, 0, -1, IPC_NOWAIT]] },
    answers: { a: [[0, -EAGAIN]], b: [[0, -EAGAIN]] },
    check: ({ a = [], b = [] }) => (a[0] === b[0] ? 'not exactly one had it' : undefined),
    teardown: [RMID],
  },
  {
    name: 'sem-rmid',
    setup: SET,
    threads: { a: [DOWN], b: [RMID] },
    answers: { a: [GONE] },
  },
  {
    name: 'sem-undo-exit',
    setup: [...SET, ['setval', 0, 0, 1], ['b.semop', 0, 0, -1, SEM_UNDO]],
    threads: { a: [DOWN], b: [['exit', 0]] },
    after: [VALUE],
    answers: { a: [[0]], after: [[0]] },
    teardown: [RMID],
  },
  {
    name: 'sem-kill',
    setup: SET,
    threads: { a: [DOWN], init: [['kill', 2, C.SIGKILL], UP, ['terminate', 1]] },
    after: [VALUE],
    answers: { a: [[0, -ESRCH]], init: [[0], [0], [C.SIGKILL]], after: [[0, 1]] },
    check: ({ a = [], after = [] }) => (a[0] === 0 && after[0] !== 0 ? 'done, and yet not counted' : undefined),
    teardown: [RMID],
  },
  {
    name: 'sem-setval',
    setup: SET,
    threads: { a: [DOWN], b: [DOWN], init: [['setval', 0, 0, 2]] },
    after: [VALUE],
    answers: { a: [[0, -EDEADLK]], after: [[0]] },
    teardown: [RMID],
  },
]
