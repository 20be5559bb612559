// The public API.
export { InputError, UsageError } from './core/errors.js'
export { policies } from './core/policies.js'
export type { PolicyInfo, PolicyParameter, Sees } from './core/policyInfo.js'
export { type GenerateOptions, generateTrace, WORKLOADS, type Workload } from './trace/generate.js'
export type { Trace } from './trace/trace.js'
