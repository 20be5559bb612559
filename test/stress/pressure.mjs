// Memory pressure in the stress test: swap areas that come and go, pages that are evicted, and writing and reading
// there that fails at times. A read that failed is a SIGBUS, after which the access is repeated: what it finds must be right.
import { constants as C, SysError } from 'faultline'
import { PAGE } from './shared.mjs'

const EIO = 5

/** Turns swap areas on, two of half the size, a number of MiB, which are used by turns: one that is made anew rotates if it did not before. */
export function swapOn(machine, size) {
  const half = { size: `${Number.parseInt(size, 10) / 2}MiB`, priority: 1 }
  machine.swapon(half)
  machine.swapon(half)
}

/** Ends one of the areas, if its pages fit elsewhere and can be read, and makes it anew. */
export function turnSwap(machine) {
  const { area, size, rotational } = machine.swaps[0]
  try {
    machine.swapoff(area)
  } catch (error) {
    if (error instanceof SysError && ['ENOMEM', 'EIO', 'EBUSY'].includes(error.code)) return
    throw error
  }
  machine.swapon({ size: size + PAGE, priority: 1, rotational: !rotational })
}

/** What a thread's swap areas did before any failed. */
const sound = new WeakMap()

/** Has so many of a thousand of a thread's reads and writes of swap fail; the process repeats what failed. */
export function failAtTimes(process, next, errors) {
  const { swap } = process.kernel
  const { read, write } = sound.get(swap) ?? { read: swap.read.bind(swap), write: swap.write.bind(swap) }
  sound.set(swap, { read, write })
  let failed = false
  const fails = () => next(1000) < errors
  swap.write = (...slot) => (fails() ? -EIO : write(...slot))
  swap.read = (...slot) => {
    if (!fails()) return read(...slot)
    failed = true
    return -EIO
  }
  if (errors === 0) return
  process.sigaction('SIGBUS', fault => {
    if (!failed) throw fault
    failed = false
  })
}

/** Has some of a process's pages evicted; `ranges` are addresses and pages. */
export function pageOut(process, next, ranges) {
  if (ranges.length === 0) return
  const [at, pages] = ranges[next(ranges.length)]
  const first = next(pages)
  process.madvise(at + first * PAGE, (1 + next(pages - first)) * PAGE, C.MADV_PAGEOUT)
}
