// Exports: loads and stores in a process's memory. Each returns a number below 0 after a bad access.
import { BUFFER_SIZE } from '../abi/layout'
import { copyUser, copyWithin, fillUser } from '../mm/access'
import { Cpu } from '../sync/cpu'
import { accessAgain, over, reach, spaceOf, word } from './call'

export function load8(pid: u32, address: f64): f64 {
  const at = reach(pid, address, 1, false)
  return at === 0 ? -1 : over<f64>(<f64>load<u8>(at))
}

/** The address is rounded down to a multiple of 2, as to 4 and 8 in the functions below; others go through mm_read and mm_write. */
export function load16(pid: u32, address: f64): f64 {
  const at = reach(pid, address, 2, false)
  return at === 0 ? -1 : over<f64>(<f64>load<u16>(at))
}

export function load32(pid: u32, address: f64): f64 {
  const at = reach(pid, address, 4, false)
  return at === 0 ? -1 : over<f64>(<f64>load<u32>(at))
}

/** Leaves the value in the CPU block. */
export function load64(pid: u32, address: f64): i32 {
  const at = reach(pid, address, 8, false)
  if (at === 0) return -1
  Cpu.current.value = atomic.load<u64>(at)
  return over<i32>(0)
}

export function store8(pid: u32, address: f64, value: u32): i32 {
  const at = reach(pid, address, 1, true)
  if (at === 0) return -1
  store<u8>(at, <u8>value)
  return over<i32>(0)
}

export function store16(pid: u32, address: f64, value: u32): i32 {
  const at = reach(pid, address, 2, true)
  if (at === 0) return -1
  store<u16>(at, <u16>value)
  return over<i32>(0)
}

export function store32(pid: u32, address: f64, value: u32): i32 {
  const at = reach(pid, address, 4, true)
  if (at === 0) return -1
  store<u32>(at, value)
  return over<i32>(0)
}

export function store64(pid: u32, address: f64, low: u32, high: u32): i32 {
  const at = reach(pid, address, 8, true)
  if (at === 0) return -1
  atomic.store<u64>(at, <u64>low | ((<u64>high) << 32))
  return over<i32>(0)
}

/** Copies at most a buffer's length from a process into the CPU's buffer; returns the bytes copied before a bad access. */
export function mm_read(pid: u32, address: f64, bytes: u32): u32 {
  return copyBuffer(pid, word(address), min(bytes, BUFFER_SIZE), false)
}

/** Copies at most a buffer's length from the CPU's buffer into a process; returns the bytes copied before a bad access. */
export function mm_write(pid: u32, address: f64, bytes: u32): u32 {
  return copyBuffer(pid, word(address), min(bytes, BUFFER_SIZE), true)
}

function copyBuffer(pid: u32, address: u64, bytes: u32, write: bool): u32 {
  let done: u32 = 0
  do {
    const mm = spaceOf(pid, write)
    if (mm) done += copyUser(mm, address + done, Cpu.current.buffer + done, bytes - done, write)
  } while (Cpu.current.wasShort && accessAgain(done === bytes))
  return done
}

/** Makes all bytes of a range `value`; returns how many it did before a bad access. */
export function mm_fill(pid: u32, address: f64, value: u32, bytes: f64): f64 {
  const all = word(bytes)
  let done: u64 = 0
  do {
    const mm = spaceOf(pid, true)
    if (mm) done += fillUser(mm, word(address) + done, <u8>value, all - done)
  } while (Cpu.current.wasShort && accessAgain(done === all))
  return <f64>done
}

/**
 * Copies a range of a process within it, as memmove: from its last byte on if that is needed. Returns how
 * many bytes it copied before a bad access.
 */
export function mm_copy(pid: u32, to: f64, from: f64, bytes: f64): f64 {
  const all = word(bytes)
  let done: u64 = 0
  do {
    const mm = spaceOf(pid, false)
    if (mm) done = copyWithin(mm, word(to), word(from), all, done)
  } while (Cpu.current.wasShort && accessAgain(done === all))
  return <f64>done
}
