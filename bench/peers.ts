// The caches we are paired with, each in a thread of its own so that none spoils what V8 learnt
// about another (mnemonist's two share their methods). Run as a worker, this file is the peer.
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { LRUCache } from 'lru-cache'
import { LRUMap, LRUCache as MnemonistLRUCache } from 'mnemonist'

type Chunks = readonly Uint32Array<SharedArrayBuffer>[]

/** What the peers have in common. */
interface Cache {
  get(key: number): unknown
  set(key: number, value: number): unknown
}

const PEERS = {
  'mnemonist LRUCache': (frames: number) => new MnemonistLRUCache<number, number>(Uint32Array, Uint8Array, frames),
  'mnemonist LRUMap': (frames: number) => new LRUMap<number, number>(Uint32Array, Uint8Array, frames),
  'lru-cache': (frames: number) => new LRUCache<number, number>({ max: frames }),
} satisfies Record<string, (frames: number) => Cache>

export type PeerName = keyof typeof PEERS
export const PEER_NAMES = Object.keys(PEERS) as PeerName[]

/** The misses of one cache over the keys. */
function replay(cache: Cache, chunks: Chunks): number {
  let misses = 0
  for (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++) {
      const key = (chunk[i] as number) & 0x7fffffff
      if (cache.get(key) !== undefined) continue
      misses++
      cache.set(key, 1)
    }
  }
  return misses
}

/** One peer over one list of keys. */
export class Peer {
  readonly #worker: Worker

  constructor(name: PeerName, chunks: Chunks) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: { name, chunks } })
  }

  /** Replays the keys through a new cache of so many entries; the result is its misses. */
  run(frames: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', reject)
      this.#worker.once('message', (misses: number) => {
        this.#worker.off('error', reject)
        resolve(misses)
      })
      this.#worker.postMessage(frames)
    })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}

if (parentPort && workerData) {
  const port = parentPort
  const { name, chunks } = workerData as { name: PeerName; chunks: Chunks }
  port.on('message', (frames: number) => port.postMessage(replay(PEERS[name](frames), chunks)))
}
