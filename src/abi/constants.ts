// The constants of the system calls, by their names in C.
import * as fcntl from './fcntl.gen.js'
import * as futex from './futex.gen.js'
import * as mman from './mman.gen.js'
import { MQ_PRIO_MAX } from './mqueue.gen.js'
import * as msg from './msg.gen.js'
import * as resource from './resource.gen.js'
import * as sched from './sched.gen.js'
import * as sem from './sem.gen.js'
import * as shm from './shm.gen.js'
import * as signal from './signal.gen.js'

/** Flags and commands of the calls on files, memory, limits, segments, semaphores, message queues and locks; signals, and the reasons of faults. */
export const constants = Object.freeze({
  ...fcntl,
  ...futex,
  ...mman,
  MQ_PRIO_MAX,
  ...msg,
  ...resource,
  ...sched,
  ...sem,
  ...shm,
  ...signal,
})
