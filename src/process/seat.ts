// What a worker thread is given to become a process or a thread of one, by way of its environment data, and
// what it asks the thread that booted the machine for: that one starts all threads, as it must see how they end.
import type { MessagePort } from 'node:worker_threads'
import type { MachineHandle, ThreadSeat } from '../core/kernel.js'

/** The key of the environment data. */
export const PROCESS_KEY = 'faultline.process'

/** A machine, the CPU that was taken for the thread, the process and the thread that it is, 0 if it is none, and the URL of the module it runs. */
export interface ProcessSeat extends MachineHandle, ThreadSeat {
  program: string
  /** By it the thread asks for threads; at the other end it shows that the thread is gone, and what is no answer says nothing. */
  lifeline: MessagePort
}

/** To start a module as the thread that has a seat. */
export interface ThreadRequest {
  seat: ThreadSeat
  module: string
  workerData: unknown
}

/** An error, taken apart. */
export interface ThreadFailure {
  name: string
  message: string
  stack: string
  code: string | undefined
}

/** What became of the thread `tid` that was asked for: that it runs; later its exit code; or why it did not start, or what it threw. */
export type ThreadAnswer = { tid: number } & ({ runs: true } | { exitCode: number } | { failure: ThreadFailure })
