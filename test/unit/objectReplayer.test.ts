import { describe, expect, it } from 'vitest'
import { ObjectReplayer, type PolicyObject } from '#dist/core/objectReplayer.js'
import { choosePolicy } from '#dist/core/policies.js'
import { Replayer, WRITE } from '#dist/core/replayer.js'
import { xorshift } from '../policy/traces.ts'

const PAGES = 300

/** LRU as an object. */
function lruObject(): PolicyObject {
  const order = new Set<number>() // slots, least recently used first
  return {
    name: 'lru',
    init: () => order.clear(),
    access(slot) {
      order.delete(slot)
      order.add(slot)
    },
    evict() {
      const slot = order.values().next().value as number
      order.delete(slot)
      return slot
    },
    insert: slot => void order.add(slot),
  }
}

function trace(seed: number): Uint32Array {
  const next = xorshift(seed)
  return Uint32Array.from({ length: 20_000 }, () => {
    const page = Math.floor(((next() % PAGES) * (next() % PAGES)) / PAGES)
    return (next() % 3 === 0 ? page | WRITE : page) >>> 0
  })
}

describe('a policy written as an object', () => {
  it('gives the counts and the pages of the same policy in the core, at every size', () => {
    const policy = lruObject()
    for (const frames of [1, 2, 10, 50, 299, 300]) {
      const object = new ObjectReplayer({ policy, frames, pages: PAGES })
      const core = new Replayer({ policy: choosePolicy('lru'), frames, pages: PAGES })
      for (const seed of [1, 2]) {
        object.run(trace(seed))
        core.run(trace(seed))
      }
      expect(object.counts, `${frames} frames`).toEqual(core.counts)
      expect(object.resident).toEqual(core.resident)
    }
  })

  it('is handed back its shadows, and may bypass the cache', () => {
    const shadows: number[] = []
    const policy: PolicyObject = {
      name: 'picky',
      access: () => {},
      miss: (key, shadow) => {
        if (shadow !== 0) shadows.push(shadow)
        return key !== 9
      },
      evict: () => 0,
      shadow: slot => 100 + slot,
      insert: () => {},
    }
    const replayer = new ObjectReplayer({ policy, frames: 1, pages: 10 })
    replayer.run(Uint32Array.of(1, 9, 2, 1, 9, 1))
    expect(replayer.counts).toEqual({ misses: 5, evictions: 2, dirtyEvictions: 0 })
    expect(shadows).toEqual([100])
  })

  it('sees the future if it asks for it', () => {
    const seen: (number | undefined)[] = []
    const policy: PolicyObject = {
      name: 'oracle',
      seesFuture: true,
      access: () => {},
      evict: () => 0,
      insert() {
        seen.push(this.future)
      },
    }
    new ObjectReplayer({ policy, frames: 2, pages: 3 }).run(Uint32Array.of(0, 1, 0), Uint32Array.of(2, 0xffffffff, 0xffffffff))
    expect(seen).toEqual([2, 0xffffffff])
  })

  it.each([
    ['no evict', { evict: undefined }, 'policy lru: the object has no evict()'],
    ['no name', { name: undefined }, 'a policy object needs a name'],
    ['a slot that does not exist', { evict: () => 10 }, 'policy lru: evict() returned 10, which is no slot from 0 to 9'],
    ['a shadow out of range', { shadow: () => -1 }, 'policy lru: shadow() returned -1, which is no number from 0 to 1073741823'],
  ])('is refused for %s', (_, change, message) => {
    const policy = { ...lruObject(), ...change } as PolicyObject
    expect(() => new ObjectReplayer({ policy, frames: 10, pages: PAGES }).run(trace(1))).toThrow(message)
  })
})
