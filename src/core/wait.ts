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
 * Returns once the word is notified, or is not `expected`, or `milliseconds` have passed. Where the thread may not sleep
 * it spins instead, and returns after a millisecond: its callers look again.
 */
export function waitForChange(words: Int32Array<SharedArrayBuffer>, index: number, expected: number, milliseconds: number): void {
  if (canWait()) {
    Atomics.wait(words, index, expected, milliseconds)
    return
  }
  const end = performance.now() + Math.min(milliseconds, SPIN)
  while (Atomics.load(words, index) === expected && performance.now() < end);
}
