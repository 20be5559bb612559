// Sleeping until a word of shared memory changes.

/** The longest spin, in milliseconds, where sleeping is not allowed. */
const SPIN = 1

let mayWait: boolean | undefined

/** Whether this thread may sleep: not a browser's main thread. */
function canWait(): boolean {
  if (mayWait === undefined) {
    try {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1)
      mayWait = true
    } catch {
      mayWait = false
    }
  }
  return mayWait
}

/**
 * Returns once the word is notified, or is not `expected`, or `milliseconds` have passed; says whether they have. Where the
 * thread may not sleep it spins instead, and returns after a millisecond, and false: its callers look again.
 */
export function waitForChange(words: Int32Array<SharedArrayBuffer>, index: number, expected: number, milliseconds: number): boolean {
  if (canWait()) return Atomics.wait(words, index, expected, milliseconds) === 'timed-out'
  const end = performance.now() + Math.min(milliseconds, SPIN)
  while (Atomics.load(words, index) === expected && performance.now() < end);
  return false
}
