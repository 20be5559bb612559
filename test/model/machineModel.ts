// A plain model of processes, mappings and segments: stretches of pages in arrays, contents in maps.
// It knows nothing of frames, tables or merging, only what a program can see.
const PAGE = 4096

export const READ = 1
export const WRITE = 2

/** Contents by address within something: what was never written is 0. */
type Contents = Map<number, number>

/** Shared contents of so many pages, and the segment they belong to if they do. */
export interface ModelObject {
  contents: Contents
  pages: number
  segment?: ModelSegment
}

export interface ModelSegment {
  namespace: symbol
  id: number
  key: number
  pages: number
  marked: boolean
  object: ModelObject
}

/** What a stretch is like throughout. */
interface Nature {
  rights: number
  mayWrite: boolean
  /** Whether children do not get it. */
  dontFork: boolean
  locked: boolean
  /** What made it, by a number: parts of two mappings are never one. */
  mapping: number
  object?: ModelObject
}

/** Pages [start, end) of one nature; what `object` shows from page `offset` on, or private. */
interface Stretch extends Nature {
  start: number
  end: number
  offset: number
}

let mappings = 0

/** Whether the second continues the first, and is of its nature. */
function continues(first: Stretch, second: Stretch): boolean {
  const keys = ['rights', 'mayWrite', 'dontFork', 'locked', 'mapping', 'object'] as const
  const adjacent = first.end === second.start && first.offset + first.end - first.start === second.offset
  return adjacent && keys.every(key => first[key] === second[key])
}

/** One process. Private contents are kept by address. */
export class ModelProcess {
  stretches: Stretch[] = []
  /** Its IPC namespace. */
  namespace = Symbol('namespace')
  readonly memory: Contents = new Map()

  fork(): ModelProcess {
    const child = new ModelProcess()
    child.namespace = this.namespace
    child.stretches = this.stretches.filter(({ dontFork }) => !dontFork).map(stretch => ({ ...stretch, locked: false }))
    for (const [address, value] of this.memory) if (child.find(Math.floor(address / PAGE))) child.memory.set(address, value)
    return child
  }

  find(page: number): Stretch | undefined {
    return this.stretches.find(({ start, end }) => start <= page && page < end)
  }

  isFree(start: number, end: number): boolean {
    return !this.stretches.some(stretch => stretch.start < end && start < stretch.end)
  }

  map(start: number, end: number, rights: number, object?: ModelObject, mayWrite = true): void {
    this.unmap(start, end)
    const nature = { rights, mayWrite, dontFork: false, locked: false, mapping: mappings++, ...(object && { object }) }
    this.stretches.push({ start, end, offset: 0, ...nature })
  }

  /** Makes sure that no stretch reaches across a page. */
  #cut(page: number): void {
    const stretch = this.stretches.find(({ start, end }) => start < page && page < end)
    if (!stretch) return
    this.stretches.push({ ...stretch, start: page, offset: stretch.offset + page - stretch.start })
    stretch.end = page
  }

  /** Changes the nature of a part of a stretch. Of attachments, which are counted, a part at the border joins the neighbour it equals. */
  #change(stretch: Stretch, start: number, end: number, change: Partial<Nature>): void {
    if (stretch.object?.segment && end - start < stretch.end - stretch.start) {
      const changed = { ...stretch, ...change }
      const before = start === stretch.start && this.stretches.find(other => continues(other, changed))
      const after = end === stretch.end && this.stretches.find(other => continues(changed, other))
      if (before) {
        before.end = end
        stretch.offset += end - start
        stretch.start = end
        return
      }
      if (after) {
        after.start = start
        after.offset -= end - start
        stretch.end = start
        return
      }
    }
    this.#cut(start)
    this.#cut(end)
    Object.assign(this.find(start) as Stretch, change)
  }

  unmap(start: number, end: number): void {
    this.#cut(start)
    this.#cut(end)
    this.stretches = this.stretches.filter(stretch => stretch.end <= start || stretch.start >= end)
    this.#forget(start, end)
  }

  /** Forgets private contents. */
  #forget(start: number, end: number): void {
    for (const address of this.memory.keys()) if (address >= start * PAGE && address < end * PAGE) this.memory.delete(address)
  }

  /** The error mprotect gives, undefined for none. */
  protect(start: number, end: number, rights: number): string | undefined {
    for (let page = start; page < end; ) {
      const stretch = this.find(page)
      if (!stretch) return 'ENOMEM'
      if (rights & WRITE && !stretch.mayWrite) return 'EACCES'
      const to = Math.min(end, stretch.end)
      if (stretch.rights !== rights) this.#change(stretch, page, to, { rights })
      page = to
    }
    return undefined
  }

  /** Takes advice about a range; the error madvise gives, undefined for none. */
  advise(start: number, end: number, advice: 'remove' | 'dontneed' | 'dontfork' | 'dofork'): string | undefined {
    let error: string | undefined
    for (let page = start; page < end; ) {
      const stretch = this.find(page)
      const to = Math.min(end, stretch?.end ?? page + 1)
      if (!stretch) error = 'ENOMEM'
      else if (stretch.locked && (advice === 'dontneed' || advice === 'remove')) return 'EINVAL'
      else if (advice === 'dontneed') {
        if (!stretch.object) this.#forget(page, to)
      } else if (advice === 'remove') {
        if (!stretch.object) return 'EINVAL'
        if (!stretch.mayWrite) return 'EACCES'
        const first = page - stretch.start + stretch.offset
        for (const at of stretch.object.contents.keys())
          if (at >= first * PAGE && at < (first + to - page) * PAGE) stretch.object.contents.delete(at)
      } else if (stretch.dontFork !== (advice === 'dontfork')) this.#change(stretch, page, to, { dontFork: advice === 'dontfork' })
      page = to
    }
    return error
  }

  /** Locks a range or unlocks it; the error mlock gives, undefined for none. */
  lock(start: number, end: number, locked: boolean): string | undefined {
    for (let page = start; page < end; ) {
      const stretch = this.find(page)
      if (!stretch) return 'ENOMEM'
      const to = Math.min(end, stretch.end)
      if (stretch.locked !== locked) this.#change(stretch, page, to, { locked })
      page = to
    }
    // all of it is made present, from the start on
    for (let page = start; locked && page < end; page++) {
      const stretch = this.find(page)
      const index = stretch ? page - stretch.start + stretch.offset : 0
      if (!stretch?.rights || (stretch.object && index >= stretch.object.pages)) return 'ENOMEM'
    }
    return undefined
  }

  /** Whether the mapping that ends at a page can be made longer where it is. */
  canGrow(from: number, end: number, pages: number): boolean {
    return this.find(from)?.end === end && this.isFree(end, from + pages)
  }

  /** Makes a stretch longer where it is. */
  grow(from: number, pages: number): void {
    const stretch = this.find(from)
    if (stretch) stretch.end = from + pages
  }

  /** Moves [from, from + old) to where nothing is; the place it leaves is left mapped, and empty, if `keep` says so. */
  move(from: number, old: number, to: number, pages: number, keep: boolean): void {
    const source = this.find(from)
    if (!source) throw new Error('nothing to move')
    this.#put({ ...source, start: to, end: to + pages, offset: source.offset + from - source.start })
    const moved = Math.min(old, pages)
    for (const [address, value] of [...this.memory]) {
      if (address < from * PAGE || address >= (from + moved) * PAGE) continue
      this.memory.delete(address)
      this.memory.set(address + (to - from) * PAGE, value)
    }
    if (!keep && moved > 0) this.unmap(from, from + moved)
  }

  /** Enters a stretch; a part of an attachment joins what it was cut from. */
  #put(stretch: Stretch): void {
    const attached = stretch.object?.segment !== undefined
    const before = this.stretches.find(other => attached && continues(other, stretch))
    const after = this.stretches.find(other => attached && continues(stretch, other))
    if (before) before.end = stretch.end
    else if (after) Object.assign(after, { start: stretch.start, offset: stretch.offset })
    else this.stretches.push(stretch)
  }

  /** Stores a word; the code of the fault that causes, if it does. */
  store(address: number, value: number): string | undefined {
    const reached = this.reach(address, true)
    if (typeof reached === 'string') return reached
    reached.contents.set(reached.at, value)
    return undefined
  }

  /** Fills words with a byte, up to a fault, whose code it returns. */
  fill(address: number, byte: number, length: number): string | undefined {
    for (let at = address; at < address + length; at += 4) {
      const code = this.store(at, (byte * 0x01010101) >>> 0)
      if (code !== undefined) return code
    }
    return undefined
  }

  /** Copies words as memmove, in parts within a page on both sides, up to a fault, whose code it returns. */
  copy(to: number, from: number, length: number): string | undefined {
    const backwards = to > from && to - from < length
    const before = (end: number): number => ((end - 1) % PAGE) + 1
    const behind = (at: number): number => PAGE - (at % PAGE)
    for (let left = length; left > 0; ) {
      const done = length - left
      const room = backwards ? Math.min(before(to + left), before(from + left)) : Math.min(behind(to + done), behind(from + done))
      const part = Math.min(left, room)
      const at = backwards ? left - part : done
      const source = this.reach(from + at, false)
      if (typeof source === 'string') return source
      const target = this.reach(to + at, true)
      if (typeof target === 'string') return target
      const words = Array.from({ length: part / 4 }, (_, i) => source.contents.get(source.at + 4 * i) ?? 0)
      for (const [i, word] of words.entries()) target.contents.set(target.at + 4 * i, word)
      left -= part
    }
    return undefined
  }

  /** Where the contents of an address are, or the code of the fault that reaching for it causes. */
  reach(address: number, write: boolean): { contents: Contents; at: number } | string {
    const page = Math.floor(address / PAGE)
    const stretch = this.find(page)
    if (!stretch) return 'SEGV_MAPERR'
    if ((write ? stretch.rights & WRITE : stretch.rights) === 0) return 'SEGV_ACCERR'
    if (!stretch.object) return { contents: this.memory, at: address }
    const index = page - stretch.start + stretch.offset
    if (index >= stretch.object.pages) return 'BUS_ADRERR'
    return { contents: stretch.object.contents, at: index * PAGE + (address % PAGE) }
  }

  /** The parts of an attachment made at a page: the first, and those of the same that end where the segment would. */
  attachedAt(page: number): Stretch[] {
    const isPart = ({ object, start, offset }: Stretch): boolean =>
      object?.segment !== undefined && start - page === offset && start >= page
    const [first] = this.stretches.filter(isPart).sort((a, b) => a.start - b.start)
    if (!first) return []
    const end = page + (first.object?.pages ?? 0)
    return this.stretches.filter(part => part === first || (isPart(part) && part.mapping === first.mapping && part.end <= end))
  }
}
