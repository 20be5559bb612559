// What the kernel module exports of loads, stores and what waits for them: assembly/entry/{access,atomic,futex,run}.ts.

/** Exports that reach for a process's memory. */
export interface AccessExports {
  load8(pid: number, address: number): number
  load16(pid: number, address: number): number
  load32(pid: number, address: number): number
  load64(pid: number, address: number): number
  store8(pid: number, address: number, value: number): number
  store16(pid: number, address: number, value: number): number
  store32(pid: number, address: number, value: number): number
  store64(pid: number, address: number, low: number, high: number): number
  atomic8(pid: number, operation: number, address: number, value: number, expected: number): number
  atomic16(pid: number, operation: number, address: number, value: number, expected: number): number
  atomic32(pid: number, operation: number, address: number, value: number, expected: number): number
  atomic64(pid: number, operation: number, address: number): number
  mm_read(pid: number, address: number, bytes: number): number
  mm_write(pid: number, address: number, bytes: number): number
  mm_fill(pid: number, address: number, value: number, bytes: number): number
  mm_copy(pid: number, to: number, from: number, bytes: number): number
  futex_queue(pid: number, address: number, expected: number, bits: number, sleeps: number): number
  futex_wake(pid: number, address: number, count: number, bits: number): number
  futex_requeue(pid: number, address: number, target: number): number
  robust_set(pid: number, head: number, bytes: number): number
  robust_get(pid: number, target: number): number
  run_near(pid: number, base: number, count: number): number
  run_far(pid: number, count: number): number
}
