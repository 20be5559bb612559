// Exports: batches of page references.
import { BUFFER_SIZE } from '../abi/layout'
import { run, Unwatched, Watched } from '../mm/run'
import { Cpu } from '../sync/cpu'
import { accessAgain, spaceOf } from './call'

/** Executes references that stand in the CPU's buffer, as mm/run says; goes on behind each that waits for memory. */
function runAll<T>(pid: u32, base: u64, count: u32): u32 {
  let done: u32 = 0
  do {
    const mm = spaceOf(pid, false)
    if (mm) done = Cpu.current.uses === 0 ? run<T, Unwatched>(mm, base, done, count) : run<T, Watched>(mm, base, done, count)
  } while (Cpu.current.wasShort && accessAgain(done === count))
  return done
}

/** Executes the references in the CPU's buffer, each 32 bits, relative to a page; returns how many it did before a bad one. */
export function run_near(pid: u32, base: f64, count: u32): u32 {
  return runAll<u32>(pid, <u64>base, min(count, BUFFER_SIZE / 4))
}

/** Executes the references in the CPU's buffer, each 64 bits; returns how many it did before a bad one. */
export function run_far(pid: u32, count: u32): u32 {
  return runAll<u64>(pid, 0, min(count, BUFFER_SIZE / 8))
}
