// The constants of the system calls, by their names in C.
import * as mman from './mman.gen.js'
import * as shm from './shm.gen.js'

/** Flags and commands of mmap, mprotect and the shm calls. */
export const constants = Object.freeze({ ...mman, ...shm })
