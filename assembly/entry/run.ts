// Exports: batches of page references.
import { BUFFER_SIZE } from '../abi/layout'
import { run } from '../mm/run'
import { spaceOf } from './call'

/** Executes the references in the CPU's buffer, each 32 bits, relative to a page; returns how many it did before a bad one. */
export function run_near(pid: u32, base: f64, count: u32): u32 {
  const mm = spaceOf(pid, false)
  return mm ? run<u32>(mm, <u64>base, min(count, BUFFER_SIZE / 4)) : 0
}

/** Executes the references in the CPU's buffer, each 64 bits; returns how many it did before a bad one. */
export function run_far(pid: u32, count: u32): u32 {
  const mm = spaceOf(pid, false)
  return mm ? run<u64>(mm, 0, min(count, BUFFER_SIZE / 8)) : 0
}
