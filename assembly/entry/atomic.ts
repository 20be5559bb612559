// Exports: atomic operations on words of a process's memory, which stand at multiples of their size.
import { isSink } from '../phys/contents'
import { Cpu } from '../sync/cpu'
import { over, reach } from './call'

/** What is done to a word, by its place in the host's list. */
enum Operation {
  Add,
  Sub,
  And,
  Or,
  Xor,
  Exchange,
  CompareExchange,
}

/** Does it to the word at a linear address and returns what that was; `value` is stored, if the word is `expected`, by CompareExchange. */
function apply<T>(at: usize, operation: Operation, value: T, expected: T): T {
  switch (operation) {
    case Operation.Add:
      return atomic.add<T>(at, value)
    case Operation.Sub:
      return atomic.sub<T>(at, value)
    case Operation.And:
      return atomic.and<T>(at, value)
    case Operation.Or:
      return atomic.or<T>(at, value)
    case Operation.Xor:
      return atomic.xor<T>(at, value)
    case Operation.Exchange:
      return atomic.xchg<T>(at, value)
    default:
      return atomic.cmpxchg<T>(at, expected, value)
  }
}

/** Returns what the word was, -1 after a bad access. A page without bytes holds 0, whatever is done to it. */
export function atomic32(pid: u32, operation: u32, address: f64, value: u32, expected: u32): f64 {
  const at = reach(pid, address, 4, true)
  if (at === 0) return -1
  const old = apply<u32>(at, operation, value, expected)
  return over<f64>(isSink(at) ? 0 : <f64>old)
}

/** As atomic32, on a word of 8 bits. */
export function atomic8(pid: u32, operation: u32, address: f64, value: u32, expected: u32): f64 {
  const at = reach(pid, address, 1, true)
  if (at === 0) return -1
  const old = apply<u8>(at, operation, <u8>value, <u8>expected)
  return over<f64>(isSink(at) ? 0 : <f64>old)
}

/** As atomic32, on a word of 16 bits. */
export function atomic16(pid: u32, operation: u32, address: f64, value: u32, expected: u32): f64 {
  const at = reach(pid, address, 2, true)
  if (at === 0) return -1
  const old = apply<u16>(at, operation, <u16>value, <u16>expected)
  return over<f64>(isSink(at) ? 0 : <f64>old)
}

/** Takes its operands from the CPU block and leaves there what the word was; -1 after a bad access. */
export function atomic64(pid: u32, operation: u32, address: f64): i32 {
  const at = reach(pid, address, 8, true)
  if (at === 0) return -1
  const cpu = Cpu.current
  const old = apply<u64>(at, operation, cpu.value, cpu.expected)
  cpu.value = isSink(at) ? 0 : old
  return over<i32>(0)
}
