import type { TwinFactory } from '../twin.ts'

export const variants = ['segments=2', 'segments=1', 'segments=7:compat=libcachesim']

export const twin: TwinFactory = (frames, parameters) => {
  const compat = parameters.compat === 'libcachesim'
  const count = compat ? (parameters.segments as number) : Math.min(parameters.segments as number, frames)
  const limit = Math.floor(frames / count)
  const segments = Array.from({ length: count }, (): number[] => []) // each least recently used first

  function promote(page: number, from: number): void {
    const segment = segments[from] as number[]
    segment.splice(segment.indexOf(page), 1)
    let at = Math.min(from + 1, count - 1)
    segments[at]?.push(page)
    for (; at > 0 && (segments[at] as number[]).length > limit; at--) {
      segments[at - 1]?.push((segments[at] as number[]).shift() as number)
    }
    // libCacheSim evicts when the cascade reaches a lowest segment that is over its limit.
    if (compat && at === 0 && from + 1 < count) while ((segments[0] as number[]).length > limit) segments[0]?.shift()
  }

  return {
    reference(page) {
      const at = segments.findIndex(segment => segment.includes(page))
      if (at >= 0) {
        promote(page, at)
        return 'hit'
      }
      if (limit === 0) return { victim: undefined }
      const full = segments.flat().length === frames
      const victim = full ? segments.find(segment => segment.length > 0)?.shift() : undefined
      const roomy = segments.find(segment => segment.length < limit) ?? segments[0]
      roomy?.push(page)
      return { victim }
    },
  }
}
