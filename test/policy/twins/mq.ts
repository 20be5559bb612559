import type { TwinFactory } from '../twin.ts'

type Block = { page: number; frequency: number; expires: number }

export const variants = ['lifetime=30', 'lifetime=4:queues=3:out=1', 'queues=1:out=0']

// After the pseudocode of section 4 of the paper.
export const twin: TwinFactory = (frames, parameters) => {
  const { queues, lifetime, out } = parameters as Record<string, number> & { queues: number; lifetime: number; out: number }
  // Each least recently used first.
  const q = Array.from({ length: queues }, (): Block[] => [])
  const history: Block[] = []
  let now = 0

  const take = (list: Block[], page: number): Block | undefined => {
    const at = list.findIndex(block => block.page === page)
    return at >= 0 ? list.splice(at, 1)[0] : undefined
  }

  function enter(block: Block): void {
    block.frequency++
    block.expires = now + lifetime
    q[Math.min(Math.floor(Math.log2(block.frequency)), queues - 1)]?.push(block)
    now++
    for (let k = 1; k < queues; k++) {
      const oldest = q[k]?.[0]
      if (!oldest || oldest.expires >= now) continue
      q[k]?.shift()
      oldest.expires = now + lifetime
      q[k - 1]?.push(oldest)
    }
  }

  function makeRoom(): number | undefined {
    if (q.flat().length < frames) return undefined
    const victim = q.find(queue => queue.length > 0)?.shift() as Block
    history.push(victim)
    if (history.length > Math.floor(frames * out)) history.shift()
    return victim.page
  }

  return {
    reference(page) {
      for (const queue of q) {
        const block = take(queue, page)
        if (!block) continue
        enter(block)
        return 'hit'
      }
      const block = take(history, page) ?? { page, frequency: 0, expires: 0 }
      const victim = makeRoom()
      enter(block)
      return { victim }
    },
  }
}
