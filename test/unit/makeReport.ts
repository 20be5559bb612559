import type { ReplayReport, TraceSummary } from 'faultline'

const REFERENCES = 1_000_000

/** A report with these miss ratios at the sizes given, the same for every trace. */
export function makeReport(
  ratios: Readonly<Record<string, readonly number[]>>,
  paths: readonly string[] = ['made.txt'],
  frames: readonly number[] = [20, 2000, 10_000],
): ReplayReport {
  const traces = paths.map(
    (path): TraceSummary => ({
      path,
      format: 'txt',
      references: REFERENCES,
      uniquePages: 20_000,
      reads: 750_000,
      writes: 250_000,
    }),
  )
  const results = paths.flatMap(path =>
    Object.entries(ratios).flatMap(([policy, row]) =>
      row.map((missRatio, i) => {
        const misses = missRatio * REFERENCES
        const evictions = misses - (frames[i] as number)
        return {
          ...(paths.length > 1 && { trace: path }),
          ...{ policy, frames: frames[i] as number, references: REFERENCES, hits: REFERENCES - misses, misses, missRatio },
          ...{ coldMisses: 20_000, evictions, dirtyEvictions: 0, seconds: 0.05, referencesPerSecond: REFERENCES / 0.05 },
        }
      }),
    ),
  )
  return { trace: paths.length > 1 ? traces : (traces[0] as TraceSummary), pageSize: 4096, results }
}
