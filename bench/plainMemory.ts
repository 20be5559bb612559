// The operations of the machine's benches as one would write them in plain TypeScript, as a peer: a
// page table is a Map, frames are numbers, bytes stand in one array. No rights, no locks, no limits.

const PAGE = 4096

/** Physical memory: a stack of free frames, and how many tables hold each frame. */
export class PlainFrames {
  readonly bytes: Uint8Array
  readonly words: Uint32Array
  readonly refs: Uint32Array
  readonly #free: number[]

  constructor(frames: number) {
    this.bytes = new Uint8Array(frames * PAGE)
    this.words = new Uint32Array(this.bytes.buffer)
    this.refs = new Uint32Array(frames)
    this.#free = Array.from({ length: frames }, (_, i) => frames - 1 - i)
  }

  take(): number {
    const frame = this.#free.pop()
    if (frame === undefined) throw new Error('out of frames')
    this.refs[frame] = 1
    return frame
  }

  /** Takes a frame of zeros. */
  takeZeroed(): number {
    const frame = this.take()
    this.bytes.fill(0, frame * PAGE, (frame + 1) * PAGE)
    return frame
  }

  put(frame: number): void {
    const left = (this.refs[frame] as number) - 1
    this.refs[frame] = left
    if (left === 0) this.#free.push(frame)
  }
}

/** What a stretch of shared memory shows: its frames by page. */
export type PlainObject = Map<number, number>

/** An address space: by page number, the frame, and whether it is shared with another table. */
export class PlainSpace {
  readonly #frames: PlainFrames
  readonly #table: Map<number, number>
  readonly #shared = new Map<number, PlainObject>()

  constructor(frames: PlainFrames, table = new Map<number, number>()) {
    this.#frames = frames
    this.#table = table
  }

  /** Makes a page one of an object. */
  share(page: number, object: PlainObject): void {
    this.#shared.set(page, object)
  }

  /** Stores a word in a page, which gets a frame if it has none, or a copy of its frame if others have it too. */
  store32(address: number, value: number): void {
    const page = Math.floor(address / PAGE)
    let frame = this.#table.get(page)
    if (frame === undefined) {
      frame = this.#fault(page)
      this.#table.set(page, frame)
    } else if (this.#frames.refs[frame] !== 1 && !this.#shared.has(page)) {
      const copy = this.#frames.take()
      this.#frames.bytes.copyWithin(copy * PAGE, frame * PAGE, (frame + 1) * PAGE)
      this.#frames.put(frame)
      this.#table.set(page, copy)
      frame = copy
    }
    this.#frames.words[frame * (PAGE / 4) + ((address % PAGE) >> 2)] = value
  }

  load32(address: number): number {
    const frame = this.#table.get(Math.floor(address / PAGE))
    return frame === undefined ? 0 : (this.#frames.words[frame * (PAGE / 4) + ((address % PAGE) >> 2)] as number)
  }

  #fault(page: number): number {
    const object = this.#shared.get(page)
    if (!object) return this.#frames.takeZeroed()
    let frame = object.get(page)
    if (frame === undefined) {
      frame = this.#frames.takeZeroed()
      object.set(page, frame)
    }
    this.#frames.refs[frame] = (this.#frames.refs[frame] as number) + 1
    return frame
  }

  fork(): PlainSpace {
    for (const frame of this.#table.values()) this.#frames.refs[frame] = (this.#frames.refs[frame] as number) + 1
    return new PlainSpace(this.#frames, new Map(this.#table))
  }

  unmap(first: number, pages: number): void {
    for (let page = first; page < first + pages; page++) {
      const frame = this.#table.get(page)
      if (frame === undefined) continue
      this.#table.delete(page)
      this.#shared.delete(page)
      this.#frames.put(frame)
    }
  }
}

/** Gives back the frames that an object itself holds. */
export function dropObject(object: PlainObject, frames: PlainFrames): void {
  for (const frame of object.values()) frames.put(frame)
}
