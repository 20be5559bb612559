// Reclaim against whatever else uses, takes away or brings back the same page.
import { constants as C } from 'faultline'
import { ESRCH } from '#dist/abi/errno.gen.js'
import type { Call, Program, Result } from '../program.js'
import { A, ANONYMOUS, B, PAGE, PRIVATE, PUNCH, REMOVE_FILE, RW, SHARED, sharedFile } from './common.js'

const BUS = [0, 'SIGBUS']
const OUT: Call = ['madvise', A, PAGE, C.MADV_PAGEOUT]
const SWAP_OFF: Call = ['swapoff', 0]
const SWAP_ON: Call = ['swapon', 64]
/** The pid of the process that `b` forks in a setup, where it is a thread of `a`. */
const CHILD = 4

/** Gives a more pages, as kswapd looks at none of a few, and puts those of its CPU's batch into the lists. */
const DRAIN: readonly Call[] = [
  ['a.mmap', B, 9 * PAGE, RW, ANONYMOUS, -1, 0],
  ['a.fill', B, 1, 8 * PAGE],
  ['a.madvise', B + 8 * PAGE, PAGE, C.MADV_PAGEOUT],
]

/** A private page of a's, with 5 in it, in memory or in swap. */
function privatePage(where: 'memory' | 'swap'): Call[] {
  const map: Call[] = [SWAP_ON, ['a.mmap', A, PAGE, RW, ANONYMOUS, -1, 0], ['a.store', A, 5]]
  return where === 'memory' ? map : [...map, ['a.madvise', A, PAGE, C.MADV_PAGEOUT]]
}

/** A page of a file with 5 in it, which a and b have mapped, in memory or in swap. */
function filePage(where: 'memory' | 'swap', b = SHARED): Call[] {
  const map: Call[] = [SWAP_ON, ...sharedFile(1, { a: SHARED, b }), ['a.store', A, 5]]
  return where === 'memory' ? map : [...map, ['a.madvise', A, PAGE, C.MADV_PAGEOUT]]
}

const END_FILE: readonly Call[] = [...REMOVE_FILE, SWAP_OFF]

/** What two threads of a process do with a private page of theirs. */
function threads(name: string, where: 'memory' | 'swap', a: Call[], b: Call[], rest: Partial<Program>): Program {
  return { name, setup: privatePage(where), clones: { b: 'a' }, threads: { a, b }, teardown: [SWAP_OFF], ...rest }
}

/** What two processes do with a page of a file of theirs. */
function files(name: string, where: 'memory' | 'swap', a: Call[], b: Call[], rest: Partial<Program>): Program {
  return { name, setup: filePage(where), threads: { a, b }, teardown: END_FILE, ...rest }
}

/** What a thread does while kswapd, on CPU 1, evicts what it can. */
function besideKswapd(name: string, setup: Call[], a: Call[], rest: Partial<Program>): Program {
  return {
    name: `kswapd-${name}`,
    setup: [...setup, ...DRAIN, ['makeKswapd', 1, 1]],
    threads: { k: [['kswapd']], a, init: [['kswapdRests'], ['terminate', 1]] },
    teardown: [SWAP_OFF],
    ...rest,
    answers: { init: [[0], [0, 1 << 8, 0xffffffff, -1]], ...rest.answers },
  }
}

/** What is between 5, as it was, and 8, as another thread stores. */
const EITHER: readonly Result[] = [5, 8]

export const reclaimCases: readonly Program[] = [
  threads(
    'pageout-fault',
    'memory',
    [OUT],
    [
      ['load', A],
      ['store', A, 8],
      ['load', A],
    ],
    { after: [['a.load', A]], answers: { b: [[5], [0], [8]], after: [[8]] } },
  ),
  threads('pageout-pageout', 'memory', [OUT, ['load', A]], [OUT, ['load', A]], { answers: { a: [[0], [5]], b: [[0], [5]] } }),
  threads(
    'pageout-fork',
    'memory',
    [OUT, ['store', A, 8], ['load', A]],
    [['fork'], ['load@$0', A], ['store@$0', A, 9], ['load@$0', A], ['exit@$0', 0], ['wait', -1, 0]],
    { answers: { a: [[0], [0], [8]], b: [[CHILD], EITHER, [0], [9], [0], [CHILD]] } },
  ),
  threads('pageout-munmap', 'memory', [OUT], [['munmap', A, PAGE]], { answers: { a: [[0, -12]] } }),
  threads(
    'pageout-mremap',
    'memory',
    [OUT],
    [
      ['mremap', A, PAGE, PAGE, C.MREMAP_MAYMOVE | C.MREMAP_FIXED, B],
      ['load', B],
    ],
    {
      answers: { a: [[0, -12]], b: [[B], [5]] },
    },
  ),
  threads(
    'pageout-mlock',
    'memory',
    [OUT, OUT],
    [
      ['mlock', A, PAGE],
      ['load', A],
    ],
    {
      answers: {
        a: [
          [0, -22],
          [0, -22],
        ],
        b: [[0], [5]],
      },
    },
  ),
  threads(
    'swapin-swapin',
    'swap',
    [
      ['load', A],
      ['load', A + 4],
    ],
    [
      ['store', A + 4, 8],
      ['load', A],
    ],
    {
      after: [
        ['a.load', A],
        ['a.load', A + 4],
      ],
      answers: { a: [[5], [0, 8]], b: [[0], [5]], after: [[5], [8]] },
    },
  ),
  threads(
    'swapin-pageout',
    'swap',
    [
      ['load', A],
      ['store', A, 8],
    ],
    [OUT, OUT],
    { after: [['a.load', A]], answers: { a: [[5], [0]], after: [[8]] } },
  ),
  threads('swapin-munmap', 'swap', [['load', A]], [['munmap', A, PAGE]], { answers: { a: [[5, 'SIGSEGV']] } }),
  threads('swapin-exit', 'swap', [['load', A]], [['exit', 0]], { answers: { a: [[5, -ESRCH]] } }),
  threads(
    'swapin-copies',
    'swap',
    [
      ['store', A, 7],
      ['load', A],
    ],
    [
      [`store@${CHILD}`, A, 8],
      [`load@${CHILD}`, A],
    ],
    {
      setup: [...privatePage('swap'), ['b.fork']],
      after: [
        ['a.load', A],
        [`b.load@${CHILD}`, A],
      ],
      answers: { a: [[0], [7]], b: [[0], [8]], after: [[7], [8]] },
      teardown: [['wait', -1, 0], SWAP_OFF],
    },
  ),
  threads(
    'swapin-copy-exit',
    'swap',
    [
      ['store', A, 7],
      ['load', A],
    ],
    [[`exit@${CHILD}`, 0]],
    {
      setup: [...privatePage('swap'), ['b.fork']],
      answers: { a: [[0], [7]] },
    },
  ),
  files(
    'swapin-swapin-shared',
    'swap',
    [
      ['load', A],
      ['load', A + 4],
    ],
    [
      ['store', A + 4, 8],
      ['load', A],
    ],
    {
      answers: { a: [[5], [0, 8]], b: [[0], [5]] },
    },
  ),
  files(
    'pageout-fault-shared',
    'memory',
    [OUT, ['load', A]],
    [
      ['load', A],
      ['store', A, 8],
      ['load', A],
    ],
    {
      after: [['a.load', A]],
      answers: { a: [[0], EITHER], b: [[5], [0], [8]], after: [[8]] },
    },
  ),
  files('pageout-truncate', 'memory', [OUT, ['load', A]], [['ftruncate', 0, 0]], { answers: { a: [[0], [5, ...BUS]] } }),
  files(
    'pageout-punch',
    'memory',
    [OUT, ['load', A]],
    [
      ['fallocate', 0, PUNCH, 0, PAGE],
      ['load', A],
    ],
    {
      answers: { a: [[0], [0, 5]], b: [[0], [0]] },
    },
  ),
  files(
    'pageout-write',
    'memory',
    [OUT, ['load', A]],
    [
      ['fill', A, 8, 4],
      ['pread', 0, 0, 8],
    ],
    {
      answers: { a: [[0], [5, 0x08080808]], b: [[4, 0], [8]] },
    },
  ),
  files(
    'pageout-detach',
    'memory',
    [OUT, ['munmap', A, PAGE]],
    [
      ['load', A],
      ['munmap', A, PAGE],
    ],
    { answers: { b: [[5], [0]] } },
  ),
  files('swapin-truncate', 'swap', [['load', A]], [['ftruncate', 0, 0]], { answers: { a: [[5, ...BUS]] } }),
  files(
    'swapin-unlink',
    'swap',
    [
      ['munmap', A, PAGE],
      ['close', 0],
    ],
    [
      ['load', A],
      ['close', 0],
    ],
    { answers: { b: [[5], [0]] } },
  ),
  files(
    'swapin-copy-shared',
    'swap',
    [['store', A, 7]],
    [
      ['store', A, 9],
      ['load', A],
    ],
    {
      setup: filePage('swap', PRIVATE),
      after: [['a.load', A]],
      answers: { b: [[0], [9]], after: [[7]] },
    },
  ),
  {
    name: 'swapoff-fault',
    setup: privatePage('swap'),
    threads: { a: [['load', A], ['store', A, 8], OUT, ['load', A]], init: [SWAP_OFF] },
    answers: { a: [[5], [0], [0], [8]] },
  },
  {
    name: 'swapoff-fault-shared',
    setup: filePage('swap'),
    threads: {
      a: [['load', A], OUT],
      b: [
        ['store', A + 4, 8],
        ['load', A],
      ],
      init: [SWAP_OFF],
    },
    after: [
      ['a.load', A],
      ['a.load', A + 4],
    ],
    answers: { a: [[5], [0]], b: [[0], [5]], after: [[5], [8]] },
    teardown: REMOVE_FILE,
  },
  besideKswapd(
    'fault',
    privatePage('memory'),
    [
      ['load', A],
      ['store', A, 8],
      ['load', A],
    ],
    {
      after: [['a.load', A]],
      answers: { a: [[5], [0], [8]], after: [[8]] },
    },
  ),
  besideKswapd('munmap', privatePage('memory'), [['munmap', A, PAGE]], {}),
  besideKswapd('exit', privatePage('memory'), [['exit', 0]], {}),
  besideKswapd(
    'truncate',
    [SWAP_ON, ...sharedFile(1, { a: SHARED }, ['a']), ['a.store', A, 5]],
    [
      ['ftruncate', 0, 0],
      ['ftruncate', 0, PAGE],
      ['load', A],
    ],
    { answers: { a: [[0], [0], [0]] }, teardown: END_FILE },
  ),
  besideKswapd('stop', privatePage('memory'), [['store', A, 8]], {
    threads: {
      k: [['kswapd']],
      a: [
        ['store', A, 8],
        ['load', A],
      ],
      init: [['validate'], ['terminate', 1]],
    },
    answers: { init: [[0], [0], [0, 1 << 8, 0xffffffff, -1]], a: [[0], [8]] },
  }),
]
