// In a worker thread: how it comes by what it was started with, and into the machine.
import { Kernel } from '../core/kernel.js'
import { getEnvironmentData, setEnvironmentData } from '../host/thread.js'
import { PROCESS_KEY, type ProcessSeat } from './seat.js'

/** The seat of this thread, and its way into the machine, as the CPU that was taken for it. Throws an Error if it was not started for one. */
export function takeSeat(): { kernel: Kernel; seat: ProcessSeat } {
  const seat = getEnvironmentData(PROCESS_KEY) as ProcessSeat | undefined
  if (!seat) throw new Error('faultline/process works only in a worker that machine.spawn or clone started')
  // workers of this worker are not this process
  setEnvironmentData(PROCESS_KEY, undefined)
  const kernel = new Kernel(seat)
  kernel.enter(seat.cpu)
  return { kernel, seat }
}
