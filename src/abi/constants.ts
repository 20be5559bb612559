// The constants of the system calls, by their names in C.
import * as mman from './mman.gen.js'
import * as shm from './shm.gen.js'
import * as signal from './signal.gen.js'

/** Flags and commands of mmap, mprotect and the shm calls; signals, and the reasons of faults. */
export const constants = Object.freeze({ ...mman, ...shm, ...signal })
