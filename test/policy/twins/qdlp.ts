import type { TwinFactory } from '../twin.ts'

interface Entry {
  page: number
  count: number
}

/** A FIFO queue in front of a two-bit clock, as libCacheSim has it. */
export const twin: TwinFactory = (frames, { small: share, ghost, threshold, compat }) => {
  const smallLimit = Math.floor(frames * Number(share))
  const mainLimit = frames - Math.max(1, smallLimit)
  const ghostLimit = Math.floor(frames * Number(ghost))
  const small: Entry[] = [] // oldest first, as the others
  const main: Entry[] = []
  const ghosts: number[] = []

  function evictMain(): number {
    for (;;) {
      const entry = main.shift() as Entry
      if (entry.count === 0) return entry.page
      main.push({ page: entry.page, count: entry.count - 1 })
    }
  }

  /** Moves a page into the clock; returns the page it costs, if any. */
  function enterMain(page: number): number | undefined {
    if (mainLimit === 0) return page
    const victim = main.length === mainLimit ? evictMain() : undefined
    main.push({ page, count: 0 })
    return victim
  }

  /** One step of making room; undefined if no page left the cache. */
  function evict(): number | undefined {
    const entry = small.shift()
    if (!entry) return evictMain()
    if (entry.count >= Number(threshold) && mainLimit > 0) return enterMain(entry.page)
    ghosts.push(entry.page)
    if (ghosts.length > ghostLimit) ghosts.shift()
    return entry.page
  }

  return {
    reference(page) {
      const found = [...small, ...main].find(entry => entry.page === page)
      if (found) {
        found.count = Math.min(3, found.count + 1)
        return 'hit'
      }
      const remembered = ghosts.indexOf(page)
      if (remembered >= 0) ghosts.splice(remembered, 1)
      if (compat === 'libcachesim' && smallLimit <= 1) return { victim: undefined }
      let victim: number | undefined
      while (small.length + main.length === frames) victim = evict()
      const also = remembered >= 0 && mainLimit > 0 ? enterMain(page) : undefined
      if (remembered < 0 || mainLimit === 0) small.push({ page, count: 0 })
      return { victim, also: also === undefined ? [] : [also] }
    },
  }
}
