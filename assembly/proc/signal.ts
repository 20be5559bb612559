// kill(2) and what signals do by themselves: most end the process, a few are ignored. Whoever sends a
// deadly signal stops the process's threads; each ends, at once if it is the sender's, else when it next
// begins a call or wakes up in one.
// All processes are in one process group, init's. Takes: Tasks, and what the end of a process takes.
import { KILLED } from '../abi/attention'
import { EINVAL, EPERM, ESRCH } from '../abi/errno'
import { PID_MAX } from '../abi/layout'
import { SIGCHLD, SIGCONT, SIGRTMAX, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH } from '../abi/signal'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { endThreads, stopGroupLocked } from './exit'
import { anyGroup, anyTask, Life, Task, Tasks } from './task'

/** A set of signals that has only this one. */
function bit(signal: i32): u32 {
  return (<u32>1) << (<u32>signal)
}

/** Signals that do nothing to a process that has no handler. */
function isIgnored(signal: i32): bool {
  return signal < 32 && (bit(signal) & (bit(SIGCHLD) | bit(SIGCONT) | bit(SIGURG) | bit(SIGWINCH))) !== 0
}

/** Signals that would stop a process. */
function isStop(signal: i32): bool {
  return signal < 32 && (bit(signal) & (bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU))) !== 0
}

/** Whether a process may send a signal to another: check_kill_permission. All are in one session, in which anyone may send SIGCONT. */
function mayKill(sender: Task, target: Task, signal: i32): bool {
  if (sender.isRoot || sender === target || signal === SIGCONT) return true
  const uid = atomic.load<u32>(changetype<usize>(target), offsetof<Task>('uid'))
  const suid = atomic.load<u32>(changetype<usize>(target), offsetof<Task>('suid'))
  return sender.euid === uid || sender.euid === suid || sender.uid === uid || sender.uid === suid
}

/** Sends a signal to a process; 0, EINVAL or EPERM. Init ignores what would end it. Holds: Tasks. */
function sendLocked(sender: Task, target: Task, signal: i32): i32 {
  if (signal < 0 || signal > SIGRTMAX) return -EINVAL
  if (!mayKill(sender, target, signal)) return -EPERM
  if (isStop(signal)) return -EINVAL
  if (signal === 0 || isIgnored(signal) || target.pid === 1 || target.state === Life.Ended) return 0
  stopGroupLocked(target, signal, signal, null)
  return 0
}

/**
 * Sends a signal to the sender's group, of which everyone is, or to everyone but init and the sender.
 * As in Linux, the group's answer is success if anyone's is, else the last; everyone's is the last
 * that is not EPERM. Holds: Tasks.
 */
function sendAllLocked(sender: Task, group: bool, signal: i32): i32 {
  let found = false
  let sent = false
  let answer: i32 = 0
  for (let pid: u32 = group ? 1 : 2; pid < PID_MAX; pid++) {
    const target = anyTask(pid)
    if (!target || (!group && target === sender)) continue
    const error = sendLocked(sender, target, signal)
    found = true
    if (error === 0) sent = true
    if (group || error !== -EPERM) answer = error
  }
  if (!found) return -ESRCH
  return group && sent ? 0 : answer
}

/**
 * Sends a signal: to a process, to the sender's group if `pid` is 0, to everyone it may if -1. What it
 * ends on this thread has ended on return, the sender too. ESRCH, EINVAL, EPERM as in Linux; EINVAL
 * also for signals that would stop a process. Takes: Tasks, Space.
 */
export function kill(sender: Task, pid: i32, signal: i32): i32 {
  Tasks.only.lock(Rank.Tasks)
  let result: i32 = -ESRCH
  if (pid === 0 || pid === -1) result = sendAllLocked(sender, pid === 0, signal)
  else if (pid > 0 && <u32>pid < PID_MAX) {
    const target = anyGroup(pid)
    if (target) result = sendLocked(sender, target, signal)
  }
  Tasks.only.unlock(Rank.Tasks)
  endKilled()
  return result
}

/** Ends the processes of this thread that were killed, as far as it is theirs. Takes: Tasks, Space. */
export function endKilled(): void {
  const cpu = Cpu.current
  if ((cpu.wants & KILLED) === 0) return
  atomic.and<u32>(changetype<usize>(cpu), ~KILLED, offsetof<Cpu>('attention'))
  endThreads(cpu, false, 0)
}
