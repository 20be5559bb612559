// Every built-in policy, one line each: the build compiles the replay engine for all of them,
// and the command line, the tests and the documentation find them here.

export { Clock } from './clock'
export { Lru } from './lru'
