// Where the labels of curves stand beside their ends, so that none overlaps another.

/**
 * Places labels of the same height in a column: each at its wish, or, where they would touch, in
 * a cluster centred on the mean of its wishes, inside [0, length] if there is room. Returns the
 * middle of each label, in the order of the wishes.
 */
export function placeLabels(wishes: readonly number[], height: number, length: number): number[] {
  const order = wishes.map((wish, index) => ({ wish, index })).sort((a, b) => a.wish - b.wish)
  const clusters: { members: typeof order; start: number }[] = []
  for (const label of order) {
    let cluster = { members: [label], start: 0 }
    for (;;) {
      const size = cluster.members.length * height
      const mean = cluster.members.reduce((sum, { wish }) => sum + wish, 0) / cluster.members.length
      cluster.start = Math.max(-height / 2, Math.min(length + height / 2 - size, mean - size / 2))
      const before = clusters.at(-1)
      if (!before || before.start + before.members.length * height <= cluster.start) break
      clusters.pop()
      cluster = { members: [...before.members, ...cluster.members], start: 0 }
    }
    clusters.push(cluster)
  }
  const places: number[] = []
  for (const { members, start } of clusters) {
    for (const [position, { index }] of members.entries()) places[index] = start + (position + 0.5) * height
  }
  return places
}
