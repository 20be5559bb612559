// The public API.
export { InputError, UsageError } from './core/errors.js'
export { policies } from './core/policies.js'
export type { PolicyInfo, PolicyParameter, Sees } from './core/policyInfo.js'
export type { TraceOptions } from './trace/decode.js'
export type { CsvOptions } from './trace/format.js'
export { type GenerateOptions, generateTrace, WORKLOADS, type Workload } from './trace/generate.js'
export { openTrace, type Pages, type TraceSource } from './trace/open.js'
export type { Trace } from './trace/trace.js'
