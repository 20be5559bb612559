// `faultline/process`: in a worker thread that machine.spawn started, the process it is.
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { Kernel } from '../core/kernel.js'
import { Process } from '../sys/process.js'
import { PROCESS_KEY, type ProcessSeat } from './seat.js'

function takeSeat(): Process {
  const seat = getEnvironmentData(PROCESS_KEY) as unknown as ProcessSeat | undefined
  if (!seat) throw new Error('faultline/process works only in a worker that machine.spawn started')
  // workers of this worker are not this process
  setEnvironmentData(PROCESS_KEY, undefined as never)
  const kernel = new Kernel(seat)
  kernel.enter(seat.cpu)
  return new Process(kernel, seat.pid)
}

/** The process this thread is. */
export const self: Process = takeSeat()
