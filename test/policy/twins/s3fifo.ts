import type { TwinFactory } from '../twin.ts'

interface Entry {
  page: number
  count: number
}

/** S3-FIFO as libCacheSim of October 2024 has it. */
export const twin: TwinFactory = (frames, { small: share, ghost, threshold, compat }) => {
  const smallLimit = Math.floor(frames * Number(share))
  const mainLimit = frames - Math.max(1, smallLimit)
  const ghostLimit = Math.floor(frames * Number(ghost))
  const small: Entry[] = [] // oldest first, as the others
  const main: Entry[] = []
  const ghosts: number[] = []

  function evict(): number {
    if (main.length > mainLimit || small.length === 0) {
      for (;;) {
        const entry = main.shift() as Entry
        if (entry.count === 0) return entry.page
        main.push({ page: entry.page, count: Math.min(entry.count, 3) - 1 })
      }
    }
    while (small.length > 0) {
      const entry = small.shift() as Entry
      if (entry.count < Number(threshold)) {
        ghosts.push(entry.page)
        if (ghosts.length > ghostLimit) ghosts.shift()
        return entry.page
      }
      main.push({ page: entry.page, count: 0 })
    }
    return evict()
  }

  return {
    reference(page) {
      const found = [...small, ...main].find(entry => entry.page === page)
      if (found) {
        found.count++
        return 'hit'
      }
      const remembered = ghosts.indexOf(page)
      if (remembered >= 0) ghosts.splice(remembered, 1)
      if (compat === 'libcachesim' && smallLimit <= 1) return { victim: undefined }
      const victim = small.length + main.length === frames ? evict() : undefined
      const queue = remembered >= 0 ? main : small
      queue.push({ page, count: 0 })
      return { victim }
    },
  }
}
