import type { Twin } from '../twin.ts'

export function twin(frames: number): Twin {
  const pages = new Set<number>() // least recently used first
  return {
    reference(page) {
      if (pages.delete(page)) {
        pages.add(page)
        return 'hit'
      }
      let victim: number | undefined
      if (pages.size === frames) {
        victim = pages.values().next().value
        pages.delete(victim as number)
      }
      pages.add(page)
      return { victim }
    },
    remove(page) {
      pages.delete(page)
    },
  }
}
