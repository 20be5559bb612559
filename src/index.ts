// The public API.
export { InputError, UsageError } from './core/errors.js'
export type { PolicyObject } from './core/objectReplayer.js'
export { policies } from './core/policies.js'
export type { PolicyInfo, PolicyParameter, Sees } from './core/policyInfo.js'
export type { FramesSpec } from './sim/frames.js'
export {
  type MissRatioCurve,
  type MissRatioMethod,
  type MissRatioOptions,
  type MissRatioProgress,
  type MissRatioReport,
  missRatioCurve,
} from './sim/mrc.js'
export type { MissRatioPoint, WorkingSet } from './sim/mrcCurve.js'
export type { SampleFacts } from './sim/mrcPass.js'
export { type ReplayOptions, type ReplayProgress, type ReplaySource, replay } from './sim/replay.js'
export type { ReplayReport, ReplayResult, TraceSummary } from './sim/report.js'
export type { PolicySpec } from './sim/select.js'
export type { TraceOptions } from './trace/decode.js'
export type { CsvOptions } from './trace/format.js'
export { type GenerateOptions, generateTrace, WORKLOADS, type Workload } from './trace/generate.js'
export { openTrace, type Pages, type TraceSource } from './trace/open.js'
export { type PackedTotals, PackedWriter, type PackedWriterOptions } from './trace/packedWriter.js'
export type { Trace } from './trace/trace.js'
