// A process: its family. Its other system calls, and its loads and stores, are the classes it extends.
import { EINVAL } from '../abi/errno.gen.js'
import { SysError } from '../abi/errors.js'
import { type ClonedThread, exitCodeOf } from '../core/kernel.js'
import { options as known, whole, wholeOrSame } from './arguments.js'
import { IdentityCalls } from './identity.js'
import { type SignalName, signalName, signalNumber } from './signals.js'
import { checkUrl } from './spawn.js'
import { awake, PATIENCE } from './waits.js'

/** What wait waits for. */
export interface WaitOptions {
  /** The child's pid; any child unless given, or if -1. */
  pid?: number
  /** Whether to sleep until a child has ended, on any thread but a browser's main one. */
  block?: boolean
}

/** How a thread starts. */
export interface CloneOptions {
  /** What the module finds as node:worker_threads' workerData. */
  workerData?: unknown
}

/** How a child ended. */
export interface Ended {
  pid: number
  /** What it gave to exit; 128 + the signal's number if one ended it, as in a shell. */
  exitCode: number
  /** The signal that ended it, if one did. */
  signal: SignalName | undefined
}

/**
 * One process of a machine, to be used on the thread that made it. Addresses and sizes are in
 * bytes. Every method throws a SysError where Linux sets errno, ESRCH once the process has ended,
 * and a TypeError if an argument is no whole number. Loads and stores throw a FaultError where
 * Linux sends SIGSEGV, and a SysError ENOMEM where it would kill.
 */
export class Process extends IdentityCalls {
  /** A child on the same thread, with a copy of this process's memory. */
  fork(): Process {
    const child = new Process(this.kernel, this.check(this.kernel.exports.task_fork(this.pid), 'fork'))
    child.inheritHandlers(this)
    return child
  }

  /**
   * Another thread of the process: starts a module in a worker thread, where `import { self } from 'faultline/process'` is the
   * same process, with its memory, descriptors, identity, IPC namespace and children; `self.tid` is its own. Handlers of
   * faults are each thread's own. Resolves when the thread runs, which may be before its module is loaded: `exited`
   * rejects with what the module throws. Takes one of the machine's CPUs. The thread that booted the machine starts
   * all threads, so the promise waits until that is not busy.
   *
   * Throws a SysError: EAGAIN if all CPUs are taken (boot's option `cpus`) or there is no free number, ESRCH, ENOMEM.
   */
  async clone(module: URL, options: CloneOptions = {}): Promise<ClonedThread> {
    const { workerData } = known(options, ['workerData'], "clone's options")
    checkUrl(module)
    const { kernel, pid } = this
    if (!kernel.startThread) throw new Error('a Kernel without threads')
    const cpu = kernel.exports.cpu_take()
    if (cpu < 0) throw new SysError(-cpu, 'clone', undefined, "all CPUs are taken (boot's option cpus)")
    const tid = kernel.exports.task_clone(pid, cpu)
    if (tid < 0) kernel.leave(cpu, 0, 0)
    return kernel.startThread({ cpu, pid, tid: this.check(tid, 'clone') }, module, workerData)
  }

  /** Ends the process, with all its threads. Its children become init's. */
  exit(code: number): void {
    this.check(this.kernel.exports.task_exit(this.pid, whole(code, 'code') & 255), 'exit')
  }

  /** Ends this thread of the process; with the last one the process ends, with this code. Init's first never ends. */
  exitThread(code: number): void {
    this.check(this.kernel.exports.task_exit_thread(this.pid, whole(code, 'code') & 255), 'exit')
  }

  /**
   * A child that has ended, which is then gone: any, or the one with the pid that is asked for.
   * Undefined if no such child has ended yet, unless it may block: then the thread sleeps until one
   * has. Throws a SysError: ECHILD if there is no such child; EDEADLK, where Linux would sleep for
   * ever, if all it could wait for run on this very thread.
   */
  wait(options: WaitOptions & { block: true }): Ended
  wait(options?: WaitOptions): Ended | undefined
  wait(options: WaitOptions = {}): Ended | undefined {
    const { pid: wanted = -1, block = false } = known(options, ['pid', 'block'], "wait's options")
    const { exports, view } = this.kernel
    const pid = this.check(exports.task_wait(this.pid, whole(wanted, 'pid'), Number(block)), 'wait')
    if (pid === 0) return undefined
    const status = view.getUint32(this.kernel.cpuField('extra'), true)
    const signal = status & 127
    return { pid, exitCode: exitCodeOf(status), signal: signal === 0 ? undefined : signalName(signal) }
  }

  /**
   * As wait with `block`, but the thread goes on, and the promise resolves when a child has ended, also one of this
   * thread. As long as it is pending, Node does not end by itself. Rejects with a SysError: ECHILD if there is no such
   * child, any more; ESRCH if the process itself ends.
   */
  async waitAsync(options: Pick<WaitOptions, 'pid'> = {}): Promise<Ended> {
    const { pid = -1 } = known(options, ['pid'], "waitAsync's options")
    const { kernel } = this
    return awake(async () => {
      while (true) {
        const events = this.check(kernel.exports.task_events(this.pid), 'wait')
        const seen = kernel.view.getInt32(events, true)
        const ended = this.wait({ pid })
        if (ended) return ended
        await kernel.changed(events, seen, PATIENCE)
      }
    })
  }

  /**
   * Gives the process an IPC namespace of its own, with CLONE_NEWIPC: it and its later children see
   * segments of that one only, by key and by id. What it has attached stays.
   *
   * Throws a SysError: EPERM unless it is root, EINVAL for other flags, or if the process has several threads, of which
   * Linux would give one to this alone.
   */
  unshare(flags: number): void {
    this.check(this.kernel.exports.task_unshare(this.pid, whole(flags, 'flags')), 'unshare')
  }

  /**
   * What the badness of a process, its own unless `of` is another, is corrected by in thousandths of all memory when one must be killed
   * for want of memory, from -1000, never, to 1000; after setting it, if a value is given: /proc/PID/oom_score_adj. Children inherit it.
   *
   * Throws a SysError: ENOENT if there is no such process; EACCES if it is another user's, or root's last value was higher; EINVAL if the value is out of range.
   */
  oomScoreAdj(value?: number, of: Pick<Process, 'pid'> = this): number {
    const { exports, view } = this.kernel
    const result = exports.task_oom_adjust(this.pid, whole(of.pid, 'pid'), wholeOrSame(value, 'value'))
    if (result === -EINVAL) throw new SysError(EINVAL, 'write', undefined, 'oom_score_adj is -1000 to 1000')
    this.check(result, value === undefined ? 'open' : 'write')
    return view.getInt32(this.kernel.cpuField('extra'), true)
  }

  /**
   * Sends a signal, by number or name, to a process: to all but init and itself if `pid` is -1, to all if it is 0, as
   * there is one process group. With signal 0 it only asks whether it might. There are no handlers:
   * the signals that end a process by default end it, SIGCHLD, SIGCONT, SIGURG and SIGWINCH do
   * nothing, and init ignores all. The number of a thread stands for its process. What runs on this thread alone has ended
   * on return; a process of other threads ends when each next makes a call or faults, and a worker that was
   * started for it, or as a thread of it, ends with it.
   *
   * Throws a SysError: ESRCH if there is none, EPERM if it is another user's, EINVAL if there is no
   * such signal, or if it would stop the process, as SIGSTOP does.
   */
  kill(pid: number, signal: number | SignalName): void {
    this.check(this.kernel.exports.task_kill(this.pid, whole(pid, 'pid'), signalNumber(signal)), 'kill')
  }
}
