// Exports: the machine, its CPUs, frames and settings.
import { GONE } from '../abi/attention'
import { getSetting, setSetting } from '../call/sysctl'
import { cycleFrames } from '../debug/cycle'
import { probeReferenced, probeUnmap } from '../debug/probe'
import { startMachine, stopMachine } from '../debug/stop'
import { validate } from '../debug/validate'
import { allocBlock, freeBlock } from '../phys/buddy'
import { Frame } from '../phys/frame'
import { allocFrame, freeFrame } from '../phys/pcp'
import { makeRings } from '../phys/rings'
import { MAX_ORDER, Need } from '../phys/zone'
import { endLost } from '../proc/lost'
import { endKilled } from '../proc/signal'
import { runningTask } from '../proc/task'
import { Cpu } from '../sync/cpu'
import { reserve } from '../sync/host'
import * as boot from './boot'

/** As buildMachine has it; `kswapd` is whether that may have a thread. */
export function machine_build(frames: u32, low: u32, cpus: u32, layoutHash: u32, policy: u32, kswapd: u32): i32 {
  return boot.buildMachine(frames, low, cpus, layoutHash, policy, kswapd !== 0)
}

/** Gives every CPU a ring of 2^order pages for its events. */
export function trace_start(order: u32): i32 {
  return makeRings(order)
}

/** Stops all other threads outside of calls; 0, or EBUSY with none stopped. */
export function machine_stop(): i32 {
  return stopMachine()
}

export function machine_start(): void {
  startMachine()
}

export function machine_resume(): void {
  boot.resumeMachine()
}

/** Makes this thread CPU 0 of a machine whose memory was restored, only to look at it. */
export function machine_look(): void {
  boot.lookAtMachine()
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

/**
 * Ends the processes of this thread that others killed, and on init's those of threads that are known to be gone, once the
 * machine is not stopped; says whether one runs still, and may call.
 */
export function cpu_attend(pid: u32): bool {
  reserve(false)
  if (!Cpu.current.begin()) return false
  endKilled()
  endLost()
  Cpu.current.end()
  return runningTask(pid) !== null
}

/** Notes that the thread of a CPU is gone. May be called while this thread waits in another call. */
export function cpu_lost(id: u32): void {
  Cpu.at(id).call(GONE)
}

/** Forbids a thread to begin another call; says whether it is in one. */
export function cpu_doom(id: u32): bool {
  return boot.doomCpu(id)
}

/** Gives back the CPU of a thread that is gone; returns the status of the process it was started for. */
export function cpu_leave(id: u32, pid: u32, exitCode: u32): u32 {
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

/** Takes `depth` blocks and gives them back, so many times, for the benches; returns how many it took. */
export function frames_cycle(order: u32, depth: u32, times: u32): u32 {
  return order > MAX_ORDER ? 0 : cycleFrames(order, depth, times)
}

/** How many entries used a user's frame since they were asked last, as mm/rmap has it, for tests; EINVAL if it is none. */
export function frames_referenced(pfn: u32): f64 {
  return probeReferenced(pfn)
}

/** Takes a user's frame out of all page tables, for tests; whether nothing maps it then, EINVAL if it is none, ENOMEM if it has no place in swap. */
export function frames_unmap(pfn: u32): i32 {
  return probeUnmap(pfn)
}
