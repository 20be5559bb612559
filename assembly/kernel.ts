// The machine's ABI: every export, by name, a file of `entry/` a subject. A call takes the pid of a
// process that runs on this thread, else it is ESRCH; addresses and sizes are f64, whole numbers, and a
// result below 0 is -errno; of a load, a store or an atomic operation, -1 after a bad access: see struct Cpu.
export * from './entry/access'
export * from './entry/atomic'
export * from './entry/file'
export * from './entry/futex'
export * from './entry/group'
export * from './entry/inspect'
export * from './entry/limits'
export * from './entry/machine'
export * from './entry/memory'
export * from './entry/msg'
export * from './entry/reclaim'
export * from './entry/run'
export * from './entry/sem'
export * from './entry/shm'
export * from './entry/swap'
export * from './entry/task'
