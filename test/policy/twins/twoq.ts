import type { TwinFactory } from '../twin.ts'

export const variants = ['in=0.6:out=2', 'in=0:out=0', 'in=1']

export const twin: TwinFactory = (frames, parameters) => {
  const share = Math.floor(frames * (parameters.in as number))
  const inLimit = Math.max(1, share)
  const outLimit = Math.max(1, Math.floor(frames * (parameters.out as number)))
  const closed = parameters.compat === 'libcachesim' && share === 0
  // Oldest first.
  const a1in: number[] = []
  const a1out: number[] = []
  const am: number[] = []

  function makeRoom(): number | undefined {
    if (a1in.length + am.length < frames) return undefined
    if (a1in.length <= inLimit && am.length > 0) return am.shift()
    const victim = a1in.shift() as number
    if (a1out.length === outLimit) a1out.shift()
    a1out.push(victim)
    return victim
  }

  return {
    reference(page) {
      if (a1in.includes(page)) return 'hit'
      if (am.includes(page)) {
        am.splice(am.indexOf(page), 1)
        am.push(page)
        return 'hit'
      }
      if (closed) return { victim: undefined }
      const remembered = a1out.indexOf(page)
      if (remembered >= 0) a1out.splice(remembered, 1)
      const victim = makeRoom()
      if (remembered >= 0) am.push(page)
      else a1in.push(page)
      return { victim }
    },
  }
}
