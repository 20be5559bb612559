import type { Twin } from '../twin.ts'

export function twin(frames: number): Twin {
  const pages: { page: number; frequency: number }[] = [] // in the order in which they got their frequency
  return {
    reference(page) {
      const index = pages.findIndex(entry => entry.page === page)
      if (index >= 0) {
        const [entry] = pages.splice(index, 1) as [{ page: number; frequency: number }]
        pages.push({ page, frequency: entry.frequency + 1 })
        return 'hit'
      }
      let victim: number | undefined
      if (pages.length === frames) {
        const lowest = Math.min(...pages.map(entry => entry.frequency))
        const [entry] = pages.splice(
          pages.findIndex(({ frequency }) => frequency === lowest),
          1,
        )
        victim = entry?.page
      }
      pages.push({ page, frequency: 1 })
      return { victim }
    },
    remove(page) {
      pages.splice(
        pages.findIndex(entry => entry.page === page),
        1,
      )
    },
  }
}
