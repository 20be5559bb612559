import { pcg32 } from '../pcg.ts'
import type { Twin, TwinFactory } from '../twin.ts'

export const variants = ['period=0.01', 'period=1']

export const twin: TwinFactory = (frames, { period }, seed): Twin => {
  const below = pcg32(seed)
  const everyEvictions = Math.max(1, Math.floor(Number(period) * frames))
  const slots: { page: number; referenced: boolean }[] = []
  let start = 0
  let evictions = everyEvictions // since the last tick; the first eviction ticks
  const tick = (): void => {
    for (const slot of slots) slot.referenced = false
    start = below(frames)
    evictions = 0
  }
  return {
    reference(page) {
      const found = slots.find(slot => slot.page === page)
      if (found) {
        found.referenced = true
        return 'hit'
      }
      if (slots.length < frames) {
        slots.push({ page, referenced: true })
        return { victim: undefined }
      }
      if (evictions === everyEvictions || slots.every(slot => slot.referenced)) tick()
      evictions++
      const fromStart = [...slots.slice(start), ...slots.slice(0, start)]
      const chosen = fromStart.find(slot => !slot.referenced) as { page: number; referenced: boolean }
      const victim = chosen.page
      chosen.page = page
      chosen.referenced = true
      return { victim }
    },
  }
}
