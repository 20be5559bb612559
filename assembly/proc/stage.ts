// Room for bytes between a call and the host, where they are more than the CPU's buffer holds. A thread has one at a
// time. Takes: Slab.
import { BUFFER_SIZE } from '../abi/layout'
import { freeMessage } from '../map/message'
import { allocBytes, freeBytes } from '../phys/bytes'
import { Cpu } from '../sync/cpu'
import { currentThread, Task, Thread } from './task'

/** Frees what a thread has staged. */
export function dropStage(thread: Thread): void {
  if (thread.stage !== 0) freeBytes(thread.stage, thread.stageBytes)
  thread.stage = 0
}

/** Frees the message that a thread received. */
export function dropMessage(thread: Thread): void {
  const message = thread.message
  if (message) freeMessage(message)
  thread.message = null
}

/**
 * Address of room for bytes between a call and the host: the CPU's buffer, or memory that the thread keeps
 * until it stages again or drops it; 0 if there is none. Takes: Slab.
 */
export function stageFor(task: Task, bytes: u32): usize {
  const thread = currentThread(task)
  dropStage(thread)
  if (bytes <= BUFFER_SIZE) return Cpu.current.buffer
  thread.stage = allocBytes(bytes)
  thread.stageBytes = bytes
  return thread.stage
}

/** Where so many bytes were staged; 0 if they were not. */
export function staged(task: Task, bytes: u32): usize {
  if (bytes <= BUFFER_SIZE) return Cpu.current.buffer
  const thread = currentThread(task)
  return thread.stageBytes === bytes ? thread.stage : 0
}
