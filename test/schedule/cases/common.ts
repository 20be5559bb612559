// What the cases share: places, flags and beginnings.
import { constants as C } from 'faultline'
import type { Call, Program } from '../program.js'

export const PAGE = 4096
/** Where the threads map things. */
export const A = 0x10000000
export const B = 0x20000000
export const RW = C.PROT_READ | C.PROT_WRITE
const FIXED = C.MAP_FIXED
export const PRIVATE = C.MAP_PRIVATE | FIXED
export const SHARED = C.MAP_SHARED | FIXED
export const ANONYMOUS = C.MAP_PRIVATE | C.MAP_ANONYMOUS | FIXED
/** fallocate's mode that makes a hole. */
export const PUNCH = C.FALLOC_FL_PUNCH_HOLE | C.FALLOC_FL_KEEP_SIZE
export const FILE = '/dev/shm/f'

/** A file of so many pages, which init and the threads have as descriptor 0, and some have mapped, with flags, at A. */
export function sharedFile(pages: number, mapped: Readonly<Record<string, number>>, threads = ['a', 'b']): Call[] {
  const open = (who: string): Call[] => [[`${who}.open`, FILE, C.O_RDWR, 0]]
  const map = ([who, flags]: [string, number]): Call[] => [[`${who}.mmap`, A, pages * PAGE, RW, flags, 0, 0]]
  return [
    ['open', FILE, C.O_RDWR | C.O_CREAT, 0o600],
    ['ftruncate', 0, pages * PAGE],
    ...threads.flatMap(open),
    ...Object.entries(mapped).flatMap(map),
  ]
}

/** Removes what sharedFile made for init. */
export const REMOVE_FILE: readonly Call[] = [
  ['close', 0],
  ['unlink', FILE],
]

/** A segment of a page with key 1, id 0, attached by some at A. */
export function segment(attached: readonly string[]): Call[] {
  return [['shmget', 1, PAGE, C.IPC_CREAT | 0o600], ...attached.map((who): Call => [`${who}.shmat`, 0, A, 0])]
}

/** Who waits on a word is woken by who changes it and notifies, or sees that it has changed. */
export const WAIT_ON_NOTIFY: Pick<Program, 'threads' | 'answers' | 'check'> = {
  threads: {
    a: [
      ['waitOn', A, 0],
      ['load', A],
    ],
    b: [
      ['store', A, 1],
      ['notify', A, 1],
    ],
  },
  answers: { a: [[1, 2], [1]], b: [[0], [0, 1]] },
  check: ({ a = [], b = [] }) => ((a[0] === 1) === (b[1] === 1) ? undefined : 'who was woken and who was not do not agree'),
}
