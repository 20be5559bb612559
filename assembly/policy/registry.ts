// Every built-in policy, one line each: the build compiles the replay engine for all of them,
// and the command line, the tests and the documentation find them here.

export { Aging } from './aging'
export { Arc } from './arc'
export { Clock } from './clock'
export { Fifo } from './fifo'
export { Gclock } from './gclock'
export { Lfu } from './lfu'
export { Lfuda } from './lfuda'
export { Lru } from './lru'
export { Lruk } from './lruk'
export { Mru } from './mru'
export { Nru } from './nru'
export { Random } from './random'
export { Slru } from './slru'
export { Twolist } from './twolist'
export { TwoQ } from './twoq'
