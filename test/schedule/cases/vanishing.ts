// A thread that vanishes, anywhere: in no call, and the machine goes on with nothing lost; in one, and it panics.
import { constants as C } from 'faultline'
import type { Call, Program } from '../program.js'
import { A, ANONYMOUS, PAGE, REMOVE_FILE, RW, SHARED, segment, sharedFile } from './common.js'

const FILE_AT_A = sharedFile(1, { a: SHARED, b: SHARED })

/** What `a` does when it vanishes, while `b` does things that may need what `a` has. */
interface Vanishing extends Omit<Program, 'name' | 'threads' | 'mayPanic'> {
  a: readonly Call[]
  b: readonly Call[]
  /** What init does after that. */
  init?: readonly Call[]
}

const CASES: Readonly<Record<string, Vanishing>> = {
  fault: { setup: FILE_AT_A, a: [['store', A, 7]], b: [['store', A + 4, 8]], teardown: REMOVE_FILE },
  hit: {
    setup: [...FILE_AT_A, ['a.store', A, 1]],
    a: [['store', A, 7]],
    b: [['ftruncate', 0, 0]],
    answers: { a: [[0, 'SIGBUS']] },
    teardown: REMOVE_FILE,
  },
  map: { setup: [], a: [['mmap', A, PAGE, RW, ANONYMOUS, -1, 0]], b: [['mmap', A, PAGE, RW, ANONYMOUS, -1, 0]] },
  attach: { setup: segment([]), a: [['shmat', 0, A, 0]], b: [['shmat', 0, A, 0]], teardown: [['shmctl', 0, C.IPC_RMID]] },
  fork: {
    setup: [],
    a: [['fork']],
    b: [['mmap', A, PAGE, RW, ANONYMOUS, -1, 0]],
    // the child has no other thread, so it goes too
    init: [['wait', -1, 0]],
    answers: { init: [undefined, [0, 4]] },
  },
  take: {
    setup: [
      ['semget', 1, 1, C.IPC_CREAT | 0o600],
      ['setval', 0, 0, 1],
    ],
    a: [['semop', 0, 0, -1, C.SEM_UNDO]],
    // which it gives back by vanishing
    b: [['semop', 0, 0, -1, 0]],
    teardown: [['semctl', 0, 0, C.IPC_RMID]],
  },
  wait: {
    setup: FILE_AT_A,
    a: [['waitOn', A, 0]],
    b: [
      ['store', A, 1],
      ['notify', A, 1],
    ],
    teardown: REMOVE_FILE,
  },
  thread: {
    setup: [['a.mmap', A, PAGE, RW, ANONYMOUS, -1, 0]],
    clones: { b: 'a' },
    a: [['store', A, 7]],
    b: [
      ['store', A + 4, 8],
      ['munmap', A, PAGE],
    ],
    answers: { a: [[0, 'SIGSEGV']], init: [[-1]] },
  },
}

export const vanishingCases: readonly Program[] = Object.entries(CASES).map(([name, { setup, a, b, init = [], ...more }]) => ({
  name: `vanish-${name}`,
  setup,
  threads: { a, b, init: [['vanish', 1], ...init] },
  mayPanic: 'PANIC_DEAD_',
  ...more,
}))
