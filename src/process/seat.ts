// What a worker thread is given to become a process, by way of its environment data.
import type { MachineHandle } from '../core/kernel.js'

/** The key of the environment data. */
export const PROCESS_KEY = 'faultline.process'

/** A machine, the CPU that was taken for the thread, and the process it is. */
export interface ProcessSeat extends MachineHandle {
  cpu: number
  pid: number
}
