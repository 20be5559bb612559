// Words that several threads add to. An atomic change takes five nanoseconds, so it is a plain one while a thread has the
// machine for itself, as with locks. Takes nothing.
import { Cpu } from './cpu'

/** Adds to a word; returns what it was before. */
export function addTo<T>(at: usize, by: T): T {
  if (!Cpu.alone) return atomic.add<T>(at, by)
  const old = load<T>(at)
  store<T>(at, old + by)
  return old
}

/** Takes from a word; returns what it was before. */
export function takeFrom<T>(at: usize, by: T): T {
  if (!Cpu.alone) return atomic.sub<T>(at, by)
  const old = load<T>(at)
  store<T>(at, old - by)
  return old
}

/** Adds 1 to a word unless it is 0; whether it was not. */
export function addUnlessZero(at: usize): bool {
  let old = atomic.load<u32>(at)
  while (old !== 0) {
    const found = atomic.cmpxchg<u32>(at, old, old + 1)
    if (found === old) return true
    old = found
  }
  return false
}
