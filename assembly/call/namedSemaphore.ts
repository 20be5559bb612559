// What sem_open and sem_close need of the core: the table of the semaphores that a process has open. Takes: Files.
import { EBADF } from '../abi/errno'
import { closeSemaphore, openSemaphore } from '../fs/namedSemaphores'
import { Task } from '../proc/task'
import { fileOf } from './file'

/** Opens once more the semaphore in the file of a descriptor: its address, which is the one given unless it is mapped already; 0 if it is not, and none is given. */
export function open(task: Task, fd: i32, address: u64): f64 {
  const file = fileOf(task, fd)
  return file ? openSemaphore(task.descriptors, file.inode, address) : -EBADF
}

/** Closes the semaphore at an address once: 1 if it is to be unmapped, else 0. */
export function close(task: Task, address: u64): i32 {
  return closeSemaphore(task.descriptors, address)
}
