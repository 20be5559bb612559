// Faults against faults, and against what takes mappings away.
import { constants as C } from 'faultline'
import type { Program } from '../program.js'
import { A, ANONYMOUS, B, FILE, PAGE, PRIVATE, PUNCH, REMOVE_FILE, RW, SHARED, sharedFile } from './common.js'

const BUS = [0, 'SIGBUS']

export const faultCases: readonly Program[] = [
  {
    name: 'fault-fault-shared',
    setup: sharedFile(1, { init: SHARED, a: SHARED, b: SHARED }),
    threads: { a: [['store', A, 7]], b: [['store', A + 4, 8]] },
    after: [
      ['load', A],
      ['load', A + 4],
      ['munmap', A, PAGE],
    ],
    answers: { after: [[7], [8], [0]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-fault-read-write',
    setup: sharedFile(1, { a: SHARED, b: SHARED }),
    threads: {
      a: [['store', A, 7]],
      b: [
        ['load', A],
        ['load', A],
      ],
    },
    answers: {
      b: [
        [0, 7],
        [0, 7],
      ],
    },
    check: ({ b = [] }) => (b[0] === 7 && b[1] === 0 ? 'b saw 7, and then what was before' : undefined),
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-fault-zero-page',
    setup: [
      ['a.mmap', A, 2 * PAGE, RW, ANONYMOUS, -1, 0],
      ['b.mmap', A, 2 * PAGE, RW, ANONYMOUS, -1, 0],
    ],
    threads: {
      a: [
        ['load', A],
        ['store', A, 7],
        ['load', A],
      ],
      b: [
        ['load', A],
        ['load', A + PAGE],
        ['munmap', A, PAGE],
      ],
    },
    answers: { a: [[0], [0], [7]], b: [[0], [0], [0]] },
  },
  {
    name: 'fault-fault-private-copy',
    setup: sharedFile(1, { a: PRIVATE, b: SHARED }),
    threads: {
      a: [
        ['store', A, 7],
        ['load', A + 4],
        ['load', A + 4],
      ],
      b: [
        ['store', A, 9],
        ['store', A + 4, 8],
      ],
    },
    answers: { a: [[0], [0, 8], [0, 8]] },
    check: ({ a = [] }) => (a[1] === a[2] ? undefined : `a's own copy shows ${a[1]}, then ${a[2]}`),
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-munmap',
    setup: sharedFile(1, { a: SHARED, b: SHARED }),
    threads: {
      a: [
        ['store', A, 7],
        ['munmap', A, PAGE],
      ],
      b: [
        ['munmap', A, PAGE],
        ['mmap', A, PAGE, RW, SHARED, 0, 0],
        ['load', A],
      ],
    },
    answers: { b: [[0], undefined, [0, 7]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-truncate',
    setup: sharedFile(1, { a: SHARED }),
    threads: {
      a: [
        ['store', A, 7],
        ['load', A],
      ],
      b: [['ftruncate', 0, 0]],
    },
    answers: { a: [BUS, [7, 'SIGBUS']] },
    after: [['pread', 0, 0, 4]],
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-truncate-private',
    setup: sharedFile(1, { a: PRIVATE }),
    threads: {
      a: [
        ['store', A, 7],
        ['load', A],
      ],
      b: [
        ['ftruncate', 0, 0],
        ['ftruncate', 0, PAGE],
      ],
    },
    answers: { a: [BUS, [0, 7, 'SIGBUS']] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-truncate-grow',
    setup: [...sharedFile(1, { a: SHARED, b: SHARED }), ['a.store', A, 5]],
    threads: {
      a: [
        ['load', A],
        ['store', A, 7],
      ],
      b: [
        ['ftruncate', 0, 0],
        ['ftruncate', 0, PAGE],
        ['load', A],
      ],
    },
    answers: { a: [[0, 5, 'SIGBUS'], BUS], b: [[0], [0], [0, 7]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-punch',
    setup: [...sharedFile(2, { a: SHARED, b: SHARED }), ['b.store', A, 5]],
    threads: {
      a: [
        ['store', A + 4, 7],
        ['load', A],
      ],
      b: [
        ['fallocate', 0, PUNCH, 0, PAGE],
        ['load', A],
      ],
    },
    answers: { a: [[0], [0, 5]], b: [[0], [0]] },
    teardown: REMOVE_FILE,
  },
  {
    // as above, but a has a table, so that it looks the page up without a lock
    name: 'walk-punch',
    setup: [...sharedFile(2, { a: SHARED }), ['a.load', A + PAGE], ['pwrite', 0, 0, 4]],
    threads: {
      a: [
        ['store', A + 4, 7],
        ['load', A + 8],
      ],
      b: [
        ['fallocate', 0, PUNCH, 0, PAGE],
        ['mmap', B, PAGE, RW, ANONYMOUS, -1, 0],
        ['store', B, 9],
      ],
    },
    answers: { a: [[0], [0]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'walk-truncate',
    setup: [...sharedFile(2, { a: SHARED, b: SHARED }), ['b.store', A, 5], ['b.store', A + PAGE, 6], ['a.load', A]],
    threads: { a: [['load', A + PAGE]], b: [['ftruncate', 0, PAGE]] },
    answers: { a: [[6, 'SIGBUS']] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'walk-last',
    setup: [...sharedFile(2, { a: SHARED, b: SHARED }), ['a.load', A], ['b.store', A + PAGE, 6]],
    threads: {
      a: [['load', A + PAGE]],
      b: [
        ['fallocate', 0, PUNCH, 0, 2 * PAGE],
        ['store', A, 8],
      ],
    },
    answers: { a: [[0, 6]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-remove-private',
    setup: [...sharedFile(1, { a: PRIVATE, b: SHARED }), ['b.store', A, 5]],
    threads: {
      a: [
        ['load', A],
        ['store', A + 4, 7],
        ['load', A],
      ],
      b: [['madvise', A, PAGE, C.MADV_REMOVE]],
    },
    answers: { a: [[0, 5], [0], [0, 5]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-mprotect-truncate',
    setup: [...sharedFile(1, { a: SHARED }), ['a.store', A, 5]],
    threads: {
      a: [
        ['mprotect', A, PAGE, C.PROT_READ],
        ['store', A, 7],
        ['mprotect', A, PAGE, RW],
        ['store', A, 8],
      ],
      b: [['ftruncate', 0, 0]],
    },
    answers: { a: [[0], ['SIGSEGV'], [0], BUS] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-mremap-truncate',
    setup: [...sharedFile(2, { a: SHARED }), ['a.store', A, 5], ['a.store', A + PAGE, 6]],
    threads: {
      a: [
        ['mremap', A, 2 * PAGE, 2 * PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, B],
        ['load', B],
        ['load', B + PAGE],
      ],
      b: [['ftruncate', 0, PAGE]],
    },
    answers: { a: [undefined, [5], [6, 'SIGBUS']] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'mremap-fault',
    setup: sharedFile(1, { a: SHARED, b: SHARED }),
    threads: {
      a: [
        ['store', A, 7],
        ['mremap', A, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, B],
        ['load', B],
      ],
      b: [
        ['load', A],
        ['store', A + 4, 8],
      ],
    },
    answers: { a: [[0], undefined, [7]], b: [[0, 7], [0]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fork-truncate',
    setup: [...sharedFile(2, { a: SHARED }), ['a.store', A, 5], ['a.store', A + PAGE, 6]],
    threads: { a: [['fork'], ['load@4', A], ['load@4', A + PAGE]], b: [['ftruncate', 0, PAGE]] },
    answers: { a: [[4], [5], [6, 'SIGBUS']] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fork-truncate-private',
    setup: [...sharedFile(1, { a: PRIVATE }), ['a.store', A, 5]],
    threads: { a: [['fork'], ['store@4', A, 6], ['load', A]], b: [['ftruncate', 0, 0]] },
    answers: { a: [[4], BUS, [5, 'SIGBUS']] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'fault-exit',
    setup: [...sharedFile(1, { a: SHARED, b: SHARED }), ['b.store', A, 5]],
    threads: {
      a: [
        ['load', A],
        ['store', A, 7],
      ],
      b: [['exit', 3]],
      init: [['wait', -1, 1]],
    },
    answers: { a: [[5], [0]], init: [[3]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'exit-truncate',
    setup: [...sharedFile(2, { a: SHARED, b: PRIVATE }), ['a.store', A, 5], ['b.store', A + PAGE, 6]],
    threads: { a: [['exit', 0]], b: [['exit', 0]], init: [['ftruncate', 0, 0]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'last-reference',
    setup: [
      ...sharedFile(1, { a: SHARED, b: SHARED }),
      ['a.store', A, 5],
      ['b.load', A],
      ['a.close', 0],
      ['b.close', 0],
      ['close', 0],
      ['unlink', FILE],
    ],
    threads: { a: [['munmap', A, PAGE]], b: [['munmap', A, PAGE]] },
  },
  {
    name: 'shootdown-store',
    // b takes the page away that a stores to, by way of its TLB, and gets the frame for its own
    setup: [...sharedFile(1, { a: SHARED }), ['b.mmap', B, 16 * PAGE, RW, ANONYMOUS, -1, 0], ['a.store', A, 5]],
    threads: {
      a: [['store', A, 7]],
      b: [
        ['ftruncate', 0, 0],
        ['fill', B, 1, 2 * PAGE],
        ['load', B],
        ['load', B + PAGE],
      ],
    },
    answers: { a: [BUS], b: [[0], [2 * PAGE], [0x01010101], [0x01010101]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'shootdown-load',
    setup: [...sharedFile(1, { a: SHARED }), ['b.mmap', B, 16 * PAGE, RW, ANONYMOUS, -1, 0], ['a.store', A, 5]],
    threads: {
      a: [['load', A]],
      b: [
        ['ftruncate', 0, 0],
        ['fill', B, 1, 2 * PAGE],
      ],
    },
    answers: { a: [[5, 'SIGBUS']], b: [[0], [2 * PAGE]] },
    teardown: REMOVE_FILE,
  },
  {
    name: 'file-write-fault',
    setup: sharedFile(1, { a: SHARED }),
    threads: {
      a: [
        ['store', A + 8, 7],
        ['load', A + 8],
      ],
      b: [
        ['pwrite', 0, 0, 8],
        ['pread', 0, 0, 8],
      ],
    },
    answers: { a: [[0], [7]] },
    teardown: REMOVE_FILE,
  },
]
