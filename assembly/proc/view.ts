// Whose IPC namespace the host looks at: /proc/sysvipc and /proc/sys/kernel are as a process sees them.
import { PID_MAX } from '../abi/layout'
import { ShmNamespace } from '../ipc/namespace'
import { Cpu } from '../sync/cpu'
import { anyTask, livingTask, Task } from './task'

/** Makes this thread look at the namespace of a process; false, and it looks at init's, if the process does not live. */
export function viewAs(pid: u32): bool {
  const lives = pid < PID_MAX && livingTask(pid) !== null
  Cpu.current.viewer = lives ? pid : 1
  return lives
}

/** The namespace that this thread looks at: init's, if the process it looked as has ended. */
export function viewedNamespace(): ShmNamespace {
  const task = livingTask(Cpu.current.viewer)
  return task ? task.shm : changetype<Task>(anyTask(1)).shm
}
