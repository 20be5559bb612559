// Every built-in policy, one line each: the build compiles the replay engine for all of them,
// and the command line, the tests and the documentation find them here.

export { Arc } from './arc'
export { Clock } from './clock'
export { Fifo } from './fifo'
export { Lru } from './lru'
export { Mru } from './mru'
export { Random } from './random'
export { Slru } from './slru'
export { TwoQ } from './twoq'
