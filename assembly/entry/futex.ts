// Exports: waiting on words of memory.
import { ESRCH } from '../abi/errno'
import * as futex from '../call/futex'
import { enter, leave, word } from './call'

/** Enters this thread among the waiters of a word, if that is `expected`: 0; 1 if it is not. The host sleeps, then calls futex_leave. */
export function futex_queue(pid: u32, address: f64, expected: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(futex.queue(task, word(address), expected)) : -ESRCH
}

/** Ends the wait that futex_queue began: 1 if the thread was woken, 0 if not; ESRCH if the process was killed meanwhile. */
export function futex_leave(pid: u32): i32 {
  const task = enter(pid)
  const woken = futex.leave()
  return task ? leave<i32>(woken) : -ESRCH
}

export function futex_wake(pid: u32, address: f64, count: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(futex.wake(task, word(address), count)) : -ESRCH
}
