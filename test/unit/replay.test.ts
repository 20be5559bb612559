import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PolicyObject, type ReplayResult, replay, UsageError } from 'faultline'
import { describe, expect, it } from 'vitest'
import { policies } from '#dist/core/policies.js'
import { goldenTrace } from '../policy/traces.ts'
import { makeTrace } from './makeTrace.ts'

const pages = goldenTrace('phases', 30_000)
const misses = (results: readonly ReplayResult[]): Record<string, number> =>
  Object.fromEntries(results.map(r => [`${r.policy} ${r.frames}`, r.misses]))

/** FIFO as an object, or what it becomes with other hooks. */
function fifoObject(hooks: Partial<PolicyObject> = {}): PolicyObject {
  let queue: number[] = []
  return {
    name: 'my-fifo',
    init: () => {
      queue = []
    },
    access: () => {},
    insert: slot => void queue.push(slot),
    evict: () => queue.shift() as number,
    ...hooks,
  }
}

describe('replay', () => {
  it('takes arrays, typed arrays, streams and open traces', async () => {
    const options = { policies: 'lru', frames: 100 }
    const expected = (await replay({ ...options, trace: pages })).results[0]?.misses
    async function* stream(): AsyncGenerator<number[]> {
      yield pages.slice(0, 10_000)
      yield pages.slice(10_000)
    }
    for (const trace of [Uint32Array.from(pages), BigUint64Array.from(pages, BigInt), stream(), makeTrace(pages)]) {
      expect((await replay({ ...options, trace })).results[0]?.misses).toBe(expected)
    }
  })

  it('runs every policy there is, each at every size', async () => {
    const { results } = await replay({ trace: pages, policies: 'all', frames: [10, 1000] })
    expect(results.map(r => `${r.policy} ${r.frames}`)).toEqual(policies.flatMap(({ name }) => [`${name} 10`, `${name} 1000`]))
    for (const r of results) expect(r.misses, `${r.policy} at ${r.frames}`).toBeGreaterThanOrEqual(r.coldMisses)
  })

  it('replays each policy once, however often it is named', async () => {
    const { results } = await replay({ trace: pages, policies: ['lru', 'clock,lru'], frames: '10,10' })
    expect(results.map(r => r.policy)).toEqual(['lru', 'clock'])
  })

  it('replays several traces one after the other, of whatever page size', async () => {
    const second = { ...makeTrace([1, 2, 3, 1]), path: 'second', pageSize: 8192 }
    const report = await replay({ trace: [makeTrace(pages), second], policies: 'lru', frames: '64KiB' })
    expect(report.pageSize).toEqual([4096, 8192])
    expect(report.results.map(r => [r.trace, r.frames])).toEqual([
      ['(array)', 16],
      ['second', 8],
    ])
  })

  it('runs policy objects beside the others, with their counts', async () => {
    const { results } = await replay({ trace: pages, policies: ['fifo', fifoObject(), 'lru'], frames: [10, 500] })
    const counts = misses(results)
    expect(results.map(r => r.policy)).toEqual(['fifo', 'fifo', 'my-fifo', 'my-fifo', 'lru', 'lru'])
    expect([counts['my-fifo 10'], counts['my-fifo 500']]).toEqual([counts['fifo 10'], counts['fifo 500']])
  })

  it("runs a user's policy from a file on the workers, at its settings", async () => {
    const directory = mkdtempSync(join(tmpdir(), 'faultline-'))
    const file = join(directory, 'newest.ts')
    writeFileSync(file, NEWEST)
    const { results } = await replay({ trace: pages, policies: [file, 'mru'], frames: 50 })
    rmSync(directory, { recursive: true })
    expect(results.map(r => r.policy)).toEqual(['newest', 'mru'])
    expect(results[0]?.misses).toBe(results[1]?.misses)
  })

  it('takes a file named twice for one policy, and refuses two files of one name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'faultline-'))
    const [file, other] = ['newest.ts', 'other.ts'].map(name => join(directory, name)) as [string, string]
    writeFileSync(file, NEWEST)
    writeFileSync(other, NEWEST.replace('referenced last', 'referenced last, or another'))
    const { results } = await replay({ trace: pages, policies: [file, `${directory}/./newest.ts`], frames: 50 })
    const failure = await replay({ trace: pages, policies: [file, other], frames: 50 }).catch(error => error)
    rmSync(directory, { recursive: true })
    expect(results).toHaveLength(1)
    expect(failure).toBeInstanceOf(UsageError)
    expect(failure.message).toBe("there are two policies named 'newest'; give yours another name")
  })

  it('tells objects that ask for it the future', async () => {
    const seen: number[] = []
    const policy = fifoObject({
      seesFuture: true,
      access() {
        seen.push(this.future as number)
      },
    })
    await replay({ trace: [7, 8, 7, 7, 8], policies: policy, frames: 2 })
    expect(seen).toEqual([3, 0xffffffff, 0xffffffff])
  })

  it('rejects with what an object throws, and stops the workers', async () => {
    const evict = (): number => {
      throw new Error('out of ideas')
    }
    await expect(replay({ trace: pages, policies: ['lru', fifoObject({ evict })], frames: 10 })).rejects.toThrow('out of ideas')
    expect(process.getActiveResourcesInfo()).not.toContain('MessagePort')
  })

  it('rejects with what the progress callback throws', async () => {
    const onProgress = (): void => {
      throw new Error('no more')
    }
    await expect(replay({ trace: makeTrace(pages), policies: 'lru,clock', frames: 10, onProgress })).rejects.toThrow('no more')
  })

  it('can be stopped before and while it decodes and replays', async () => {
    await expect(replay({ trace: pages, signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow('early')
    const abort = new AbortController()
    const onProgress = (): void => abort.abort(new Error('late'))
    await expect(replay({ trace: pages, policies: 'lru', signal: abort.signal, onProgress })).rejects.toThrow('late')
  })

  it.each<[string, Parameters<typeof replay>[0], string]>([
    ['no policy', { trace: pages, policies: [] }, 'no policy given'],
    ['no size', { trace: pages, frames: [] }, 'no cache size given'],
    ['an unknown policy', { trace: pages, policies: ['lru', 'clok'] }, "unknown policy 'clok'; did you mean 'clock'?"],
    ['two policies of one name', { trace: pages, policies: ['lru', fifoObject({ name: 'lru' })] }, "two policies named 'lru'"],
    ['an object without hooks', { trace: pages, policies: [{ name: 'x' } as PolicyObject] }, 'policy x: the object has no access()'],
    ['half a job', { trace: pages, jobs: 0.5 }, 'jobs is a whole number from 1 to 1024, not 0.5'],
    ['seed 0', { trace: pages, seed: 0 }, 'seed is a whole number from 1 to 4294967295, not 0'],
    ['numbers among traces', { trace: [pages, 3] as never }, 'an array of traces holds paths and traces, not numbers among them'],
  ])('refuses %s', async (_, options, message) => {
    const failure = await replay(options).catch(error => error)
    expect(failure).toBeInstanceOf(UsageError)
    expect(failure.message).toContain(message)
  })
})

const NEWEST = `
import { Link } from 'faultline/list'
import { HEADER, Params, Policy } from 'faultline/policy'

/**
 * Evicts the page that was referenced last.
 *
 * @policy newest
 * @sees every access
 * @paper none
 */
@unmanaged
@final
export class Newest extends Policy {
  tail: Link
  head: Link

  footprint(slots: u32, params: Params): usize { return HEADER + <usize>slots * offsetof<Link>() }
  init(params: Params): void { this.list.reset() }
  access(slot: u32): void { this.node(slot).moveToHead(this.list) }
  insert(slot: u32, key: u32): void { this.node(slot).insertAfter(this.list) }
  evict(): u32 {
    const victim = this.head
    victim.unlink()
    return <u32>((changetype<usize>(victim) - changetype<usize>(this) - HEADER) / offsetof<Link>())
  }
  putback(slot: u32, key: u32): void { this.node(slot).insertAfter(this.list) }
  remove(slot: u32): void { this.node(slot).unlink() }
  check(resident: u32): void {}
  private get list(): Link { return changetype<Link>(changetype<usize>(this) + offsetof<Newest>('tail')) }
  private node(slot: u32): Link { return changetype<Link>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<Link>()) }
}
`
