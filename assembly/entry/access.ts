// Exports: loads, stores and atomic operations in a process's memory.
import { copyUser, translate } from '../mm/access'
import { isSink } from '../phys/contents'
import { Cpu } from '../sync/cpu'
import { spaceOf, word } from './call'

/** Linear address behind a user's address, with a section open; 0 after a bad access. */
function reach(pid: u32, address: f64, write: bool): usize {
  const mm = spaceOf(pid)
  return mm ? translate(mm, word(address), write) : 0
}

/** What an access returns, whose section is over. */
function over<T>(result: T): T {
  Cpu.current.closeSection()
  return result
}

export function load8(pid: u32, address: f64): f64 {
  const at = reach(pid, address, false)
  return at === 0 ? -1 : over<f64>(<f64>load<u8>(at))
}

/** The address is a multiple of 2, as of 4 and 8 in the functions below; others go through mm_read and mm_write. */
export function load16(pid: u32, address: f64): f64 {
  const at = reach(pid, address, false)
  return at === 0 ? -1 : over<f64>(<f64>load<u16>(at))
}

export function load32(pid: u32, address: f64): f64 {
  const at = reach(pid, address, false)
  return at === 0 ? -1 : over<f64>(<f64>load<u32>(at))
}

/** Leaves the value in the CPU block. */
export function load64(pid: u32, address: f64): bool {
  const at = reach(pid, address, false)
  if (at === 0) return false
  Cpu.current.value = atomic.load<u64>(at)
  return over<bool>(true)
}

export function store8(pid: u32, address: f64, value: u32): bool {
  const at = reach(pid, address, true)
  if (at === 0) return false
  store<u8>(at, <u8>value)
  return over<bool>(true)
}

export function store16(pid: u32, address: f64, value: u32): bool {
  const at = reach(pid, address, true)
  if (at === 0) return false
  store<u16>(at, <u16>value)
  return over<bool>(true)
}

export function store32(pid: u32, address: f64, value: u32): bool {
  const at = reach(pid, address, true)
  if (at === 0) return false
  store<u32>(at, value)
  return over<bool>(true)
}

export function store64(pid: u32, address: f64, low: u32, high: u32): bool {
  const at = reach(pid, address, true)
  if (at === 0) return false
  atomic.store<u64>(at, <u64>low | ((<u64>high) << 32))
  return over<bool>(true)
}

/** Adds to a word at a multiple of 4, atomically, and returns what it was. */
export function add32(pid: u32, address: f64, value: u32): f64 {
  const at = reach(pid, address, true)
  if (at === 0) return -1
  const old = atomic.add<u32>(at, value)
  return over<f64>(isSink(at) ? 0 : <f64>old)
}

/** Replaces a word at a multiple of 4 that is `expected`, atomically, and returns what it was. */
export function compare_exchange32(pid: u32, address: f64, expected: u32, value: u32): f64 {
  const at = reach(pid, address, true)
  if (at === 0) return -1
  const old = atomic.cmpxchg<u32>(at, expected, value)
  return over<f64>(isSink(at) ? 0 : <f64>old)
}

/** Copies at most a buffer's length from a process into the CPU's buffer; returns the bytes copied before a bad access. */
export function mm_read(pid: u32, address: f64, bytes: u32): u32 {
  const mm = spaceOf(pid)
  return mm ? copyUser(mm, word(address), Cpu.current.buffer, bytes, false) : 0
}

/** Copies at most a buffer's length from the CPU's buffer into a process; returns the bytes copied before a bad access. */
export function mm_write(pid: u32, address: f64, bytes: u32): u32 {
  const mm = spaceOf(pid)
  return mm ? copyUser(mm, word(address), Cpu.current.buffer, bytes, true) : 0
}
