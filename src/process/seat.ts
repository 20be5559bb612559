// What a worker thread is given to become a process, by way of its environment data.
import type { MessagePort } from 'node:worker_threads'
import type { MachineHandle } from '../core/kernel.js'

/** The key of the environment data. */
export const PROCESS_KEY = 'faultline.process'

/** A machine, the CPU that was taken for the thread, the process it is, and the URL of the module it runs. */
export interface ProcessSeat extends MachineHandle {
  cpu: number
  pid: number
  program: string
  /** Nobody sends anything: at the other end it shows that the thread is gone. */
  lifeline: MessagePort
}
