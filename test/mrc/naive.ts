/** Misses of LRU by frames, 0 to the number of distinct pages, from Mattson's stack as he drew it. */
export function naiveMisses(pages: readonly number[]): number[] {
  const stack: number[] = []
  const hitsAt: number[] = []
  for (const page of pages) {
    const depth = stack.indexOf(page) + 1
    if (depth > 0) {
      hitsAt[depth] = (hitsAt[depth] ?? 0) + 1
      stack.splice(depth - 1, 1)
    }
    stack.unshift(page)
  }
  let misses = pages.length
  return Array.from({ length: stack.length + 1 }, (_, frames) => {
    misses -= hitsAt[frames] ?? 0
    return misses
  })
}
