// `faultline/process`: in a worker thread that machine.spawn or a process's clone started, the process it is, or is a thread of.
import { exitCodeOf, type Kernel } from '../core/kernel.js'
import { asPort } from '../host/ports.js'
import { exitThread, onThreadExit, ownWorkerData } from '../host/thread.js'
import { Process } from '../sys/process.js'
import { startThrough } from './clones.js'
import { takeSeat } from './take.js'

function ownProcess(): Process {
  const { kernel, seat } = takeSeat()
  kernel.startThread = startThrough(asPort(seat.lifeline))
  endTogether(kernel, seat.pid)
  return new Process(kernel, seat.pid, seat.tid)
}

/** Ends the process's thread with this one, whoever waits for it, and this one with the process if another ends that. */
function endTogether(kernel: Kernel, pid: number): void {
  const killedBy = (): number => kernel.view.getUint32(kernel.cpuField('killedBy'), true)
  kernel.onLost = () => {
    if (killedBy() !== 0) exitThread(exitCodeOf(killedBy()))
    kernel.stayIfDoomed()
  }
  void kernel.killed().then(signal => {
    if (kernel.panic) return
    kernel.exports.cpu_attend(pid)
    exitThread(exitCodeOf(signal))
  })
  onThreadExit(code => {
    if (!kernel.panic) kernel.exports.task_exit_thread(pid, code)
  })
}

/** The process this thread is, or is one of. */
export const self: Process = ownProcess()

/** What spawn was given as workerData. */
export const workerData: unknown = ownWorkerData()
