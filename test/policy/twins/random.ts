import { pcg32 } from '../pcg.ts'
import type { Twin, TwinFactory } from '../twin.ts'

export const twin: TwinFactory = (frames, _parameters, seed): Twin => {
  const below = pcg32(seed)
  const pages: number[] = []
  return {
    reference(page) {
      if (pages.includes(page)) return 'hit'
      let victim: number | undefined
      if (pages.length === frames) {
        const index = below(frames)
        victim = pages[index]
        pages[index] = pages[frames - 1] as number
        pages.pop()
      }
      pages.push(page)
      return { victim }
    },
    remove(page) {
      pages[pages.indexOf(page)] = pages[pages.length - 1] as number
      pages.pop()
    },
  }
}
