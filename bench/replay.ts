// Replay: every registered policy at three sizes, against the peers in the same rounds.
import { choosePolicy, policies } from '#dist/core/policies.js'
import type { PolicyInfo } from '#dist/core/policyInfo.js'
import { Replayer, replayFootprint } from '#dist/core/replayer.js'
import { nextReferences } from '#dist/sim/future.js'
import { generateTrace } from '#dist/trace/generate.js'
import type { Trace } from '#dist/trace/trace.js'
import { median, medianRatio, type Timed, timeInRounds } from './measure.js'
import { PEER_NAMES, Peer, type PeerName } from './peers.js'
import type { Scale } from './scale.js'
import { against, printTable, short } from './table.js'

type Chunks = readonly Uint32Array<SharedArrayBuffer>[]

/** A trace, the same with page numbers in place of dense ids, and its next references. */
export interface Workload {
  trace: Trace
  pageNumbers: Chunks
  future: Chunks
}

/** Times mnemonist's LRUCache over page numbers that each policy must be faster; 1 for policies not named. */
const TARGETS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(['lru', 'fifo', 'clock', 'sieve'].map(name => [name, 5])),
  ...Object.fromEntries(['slru', '2q', 's3fifo', 'arc'].map(name => [name, 3])),
  ...Object.fromEntries(['lfu', 'lirs', 'clockpro', 'car', 'wtinylfu'].map(name => [name, 1.5])),
}

/** Bytes a distinct page may cost: 16 for the plain policies, 32 for the others. */
function byteTarget(name: string): number {
  return ['lru', 'clock', 'fifo', 'sieve'].includes(name) ? 16 : 32
}

/** A trace of Zipf(1.0) or evenly distributed references, a fifth of them writes. */
export async function makeWorkload(pages: number, references: number, workload: 'zipf' | 'uniform' = 'zipf'): Promise<Workload> {
  const trace = generateTrace({ workload, pages, references, writes: 0.2, seed: 1 })
  const numbers = Uint32Array.from(trace.ids, Number)
  const pageNumbers = trace.chunks.map(chunk => {
    const keys = new Uint32Array(new SharedArrayBuffer(chunk.byteLength))
    for (let i = 0; i < chunk.length; i++) keys[i] = numbers[(chunk[i] as number) & 0x7fffffff] as number
    return keys
  })
  return { trace, pageNumbers, future: await nextReferences(trace) }
}

/** A policy's replay of the trace, ready to be timed; `onMisses` gets its misses. */
export function replayTask({ trace, future }: Workload, info: PolicyInfo, frames: number, onMisses?: (misses: number) => void): Timed {
  return {
    name: info.name,
    prepare: () => {
      const replayer = new Replayer({ policy: choosePolicy(info.name), frames, pages: trace.uniquePages, ids: trace.ids })
      const next = info.sees === 'the future' ? future : undefined
      return () => {
        for (const [index, chunk] of trace.chunks.entries()) replayer.run(chunk, next?.[index])
        onMisses?.(replayer.counts.misses)
      }
    },
  }
}

/** The peers as tasks: each over page numbers, and mnemonist's LRUCache over our dense ids too. */
export class PeerTasks {
  static readonly reference = 'mnemonist LRUCache'
  static readonly referenceDense = 'mnemonist LRUCache, dense ids'
  readonly names: readonly string[] = [...PEER_NAMES, PeerTasks.referenceDense]
  readonly #peers: Map<string, Peer>

  constructor({ trace, pageNumbers }: Workload, names: readonly PeerName[] = PEER_NAMES) {
    this.names = [...names, PeerTasks.referenceDense]
    this.#peers = new Map(names.map(name => [name, new Peer(name, pageNumbers)]))
    this.#peers.set(PeerTasks.referenceDense, new Peer(PeerTasks.reference, trace.chunks))
  }

  at(frames: number, onMisses?: (misses: number) => void): Timed[] {
    return [...this.#peers].map(([name, peer]) => ({
      name,
      prepare: () => async () => {
        const misses = await peer.run(frames)
        onMisses?.(misses)
      },
    }))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#peers.values()].map(peer => peer.stop()))
  }
}

/** Every policy at 1 %, 10 % and 50 % of the pages. */
export async function benchReplay({ pages, references, rounds, cpu }: Scale): Promise<void> {
  const workload = await makeWorkload(pages, references)
  const peers = new PeerTasks(workload)
  const sizes = [0.01, 0.1, 0.5].map(share => Math.round(pages * share))
  const runs: Map<string, number[]>[] = []
  for (const frames of sizes) {
    const lruMisses = new Set<number>()
    const note = (misses: number): unknown => lruMisses.add(misses)
    const tasks = policies.map(info => replayTask(workload, info, frames, info.name === 'lru' ? note : undefined))
    runs.push(await timeInRounds([...peers.at(frames, note), ...tasks], { rounds, cpu }))
    if (lruMisses.size !== 1) throw new Error(`LRU and its peers disagree at ${frames} frames: ${[...lruMisses].join(', ')} misses`)
  }
  await peers.stop()
  printSpeed({ runs, sizes, references, rounds, peers: peers.names, pages: workload.trace.uniquePages })
}

/** What was measured. */
interface Measured {
  runs: readonly Map<string, number[]>[]
  sizes: readonly number[]
  references: number
  rounds: number
  peers: readonly string[]
  pages: number
}

function printSpeed({ runs, sizes, references, rounds, peers, pages }: Measured): void {
  const rate = (name: string, run: Map<string, number[]>): string => short(references / 1e6 / median(run.get(name) as number[]))
  const middle = runs[1] as Map<string, number[]>
  const ratio = (peer: string, name: string): number => medianRatio(middle.get(peer) as number[], middle.get(name) as number[])
  const head = [
    'M references/s at frames:',
    ...sizes.map(String),
    `× ${PeerTasks.reference}`,
    'target',
    '× the same, dense ids',
    'bytes a page, all resident',
    'target',
  ]
  const rows = [
    ...peers.map(name => [name, ...runs.map(run => rate(name, run)), ratio(PeerTasks.reference, name).toFixed(2), '', '', '', '']),
    ...policies.map(({ name }) => {
      const target = TARGETS[name] ?? 1
      const bytes = bytesAPage(name, pages)
      return [
        name,
        ...runs.map(run => rate(name, run)),
        against(ratio(PeerTasks.reference, name), target),
        `≥ ${target}`,
        ratio(PeerTasks.referenceDense, name).toFixed(2),
        `${bytes.toFixed(1)}${bytes <= byteTarget(name) ? ' ✓' : ' ✗'}`,
        `≤ ${byteTarget(name)}`,
      ]
    }),
  ]
  printTable(`replay: Zipf(1.0), ${references} references, ${pages} pages, median of ${rounds}; ratios at ${sizes[1]} frames`, head, rows)
}

/** Bytes of an engine's memory for each distinct page when it has a frame for every page; what every engine has, whatever its size, left out. */
function bytesAPage(name: string, pages: number): number {
  const policy = choosePolicy(name)
  const bytes = (frames: number, pages: number): number => replayFootprint({ policy, frames, pages })
  return (bytes(pages, pages) - bytes(1, 1)) / pages
}
