// The machine's ABI: every export, by name, and nothing else. A call takes the pid of a process
// that runs on this thread, else it is ESRCH; addresses and sizes are f64, whole numbers, and a
// result below 0 is -errno. Loads return -1, and stores false, after a bad access: see struct Cpu.
import { ESRCH } from './abi/errno'
import * as boot from './boot'
import * as memoryCalls from './call/memory'
import * as shm from './call/shm'
import { getSetting, setSetting } from './call/sysctl'
import { validate } from './debug/validate'
import { lookUp } from './map/pagetable'
import { pfnOf } from './map/pte'
import { copyUser, translate } from './mm/access'
import { Mm } from './mm/space'
import { allocBlock, freeBlock } from './phys/buddy'
import { isSink } from './phys/contents'
import { Frame } from './phys/frame'
import { allocFrame, freeFrame } from './phys/pcp'
import { MAX_ORDER, Need } from './phys/zone'
import * as tasks from './proc/task'
import { Cpu } from './sync/cpu'

/** Notes that a call that changes the machine begins, and finds its process. */
function enter(pid: u32): tasks.Task | null {
  const task = tasks.runningTask(pid)
  if (task) Cpu.current.entered = 1
  return task
}

/** Notes that the call is over. */
function leave<T>(result: T): T {
  Cpu.current.entered = 0
  return result
}

/** A number as 64 bits: a negative one is huge, as it is in C. */
function word(value: f64): u64 {
  return value < 0 ? <u64>(<i64>value) : <u64>value
}

export function machine_build(frames: u32, low: u32, cpus: u32, layoutHash: u32): i32 {
  return boot.buildMachine(frames, low, cpus, layoutHash)
}

export function machine_validate(): u32 {
  return validate()
}

export function machine_free_frames(): u32 {
  return boot.freeFrames()
}

/** The value of a setting, by its number in abi/sysctl; NaN if there is none. */
export function sysctl_get(setting: u32): f64 {
  return getSetting(setting)
}

export function sysctl_set(setting: u32, value: f64): i32 {
  return setSetting(setting, value)
}

export function cpu_take(): i32 {
  return boot.takeCpu()
}

export function cpu_enter(id: u32): void {
  boot.enterCpu(id)
}

export function cpu_leave(id: u32, pid: u32, exitCode: i32): i32 {
  return boot.leaveCpu(id, pid, exitCode)
}

/** Takes 2^order frames for the caller and returns the first one's number, 0 if there are none: order 0 by way of the CPU's list. */
export function frames_take(order: u32): u32 {
  if (order > MAX_ORDER) return 0
  const frame = order === 0 ? allocFrame(Need.User) : allocBlock(order, Need.User)
  return frame ? frame.pfn : 0
}

/** Gives back what frames_take returned. */
export function frames_give(pfn: u32, order: u32): void {
  if (order === 0) freeFrame(Frame.at(pfn))
  else freeBlock(Frame.at(pfn), order)
}

export function task_fork(pid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.createTask(task, Cpu.current.id, true)) : -ESRCH
}

/** A child of the process that will run on a CPU that was taken, with a memory of its own. */
export function task_spawn(pid: u32, cpu: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.createTask(task, cpu, false)) : -ESRCH
}

export function task_exit(pid: u32, exitCode: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.endTask(task, exitCode)) : -ESRCH
}

export function task_wait(pid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.reapChild(task, 0)) : -ESRCH
}

export function task_set_uid(pid: u32, uid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.setUid(task, uid)) : -ESRCH
}

export function task_set_gid(pid: u32, gid: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(tasks.setGid(task, gid)) : -ESRCH
}

export function mm_map(pid: u32, address: f64, length: f64, prot: u32, flags: u32, offset: f64): f64 {
  const task = enter(pid)
  return task ? leave<f64>(memoryCalls.map(task, word(address), word(length), prot, flags, word(offset))) : -ESRCH
}

export function mm_unmap(pid: u32, address: f64, length: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(memoryCalls.unmap(task, word(address), word(length))) : -ESRCH
}

export function mm_protect(pid: u32, address: f64, length: f64, prot: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(memoryCalls.protect(task, word(address), word(length), prot)) : -ESRCH
}

/** The frame behind an address, 0 if the page is not present. */
export function mm_frame(pid: u32, address: f64): u32 {
  const task = tasks.runningTask(pid)
  return task ? pfnOf(lookUp(task.mm.tables, word(address) >> 12)) : 0
}

export function shm_get(pid: u32, key: i32, size: f64, flags: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.get(task, key, word(size), flags)) : -ESRCH
}

export function shm_attach(pid: u32, id: i32, address: f64, flags: u32): f64 {
  const task = enter(pid)
  return task ? leave<f64>(shm.attach(task, id, word(address), flags)) : -ESRCH
}

export function shm_detach(pid: u32, address: f64): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.detach(task, word(address))) : -ESRCH
}

export function shm_control(pid: u32, id: i32, command: i32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.control(task, id, command)) : -ESRCH
}

export function shm_set(pid: u32, id: i32, uid: u32, gid: u32, mode: u32): i32 {
  const task = enter(pid)
  return task ? leave<i32>(shm.set(task, id, uid, gid, mode)) : -ESRCH
}

/** The address space of a process on this thread; null, as a bad access, if there is none. */
function space(pid: u32): Mm | null {
  const task = tasks.runningTask(pid)
  if (task) return task.mm
  Cpu.current.faultCode = -ESRCH
  return null
}

/** Linear address behind a user's address, with a section open; 0 after a bad access. */
function reach(pid: u32, address: f64, write: bool): usize {
  const mm = space(pid)
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
  const mm = space(pid)
  return mm ? copyUser(mm, word(address), Cpu.current.buffer, bytes, false) : 0
}

/** Copies at most a buffer's length from the CPU's buffer into a process; returns the bytes copied before a bad access. */
export function mm_write(pid: u32, address: f64, bytes: u32): u32 {
  const mm = space(pid)
  return mm ? copyUser(mm, word(address), Cpu.current.buffer, bytes, true) : 0
}
