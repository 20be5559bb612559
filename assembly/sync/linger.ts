// Waiting for a word that another thread changes within a few instructions, unless it loses its core.
import { panicked } from '../lib/bug'
import { wait } from './host'

/** Rounds of spinning before sleeping: the thread lost its core. */
const SPINS: u32 = 1000
/** The longest sleep before looking again, in milliseconds: nobody notifies. */
const PATIENCE: f64 = 1

/** Returns once the word at `at` is not `value`. */
export function awaitChange(at: usize, value: u32): void {
  for (let spins: u32 = 0; atomic.load<u32>(at) === value; spins++) {
    if (spins < SPINS) continue
    wait(at, value, PATIENCE)
    if (panicked()) unreachable()
  }
}
