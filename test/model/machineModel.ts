// A plain model of processes, mappings and segments: stretches of pages in arrays, contents in maps.
// It knows nothing of frames, tables or merging, only what a program can see.
const PAGE = 4096

export const READ = 1
export const WRITE = 2

/** Contents by address within something: what was never written is 0. */
type Contents = Map<number, number>

/** Shared contents, and the segment they belong to if they do. */
export interface ModelObject {
  contents: Contents
  segment?: ModelSegment
}

export interface ModelSegment {
  id: number
  key: number
  pages: number
  marked: boolean
  object: ModelObject
}

/** Pages [start, end) with one set of rights; `object` from page `offset` on, or private. */
interface Stretch {
  start: number
  end: number
  rights: number
  mayWrite: boolean
  offset: number
  object?: ModelObject
}

/** One process. Private contents are kept by address. */
export class ModelProcess {
  stretches: Stretch[] = []
  readonly memory: Contents = new Map()

  fork(): ModelProcess {
    const child = new ModelProcess()
    child.stretches = this.stretches.map(stretch => ({ ...stretch }))
    for (const [address, value] of this.memory) child.memory.set(address, value)
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
    this.stretches.push({ start, end, rights, mayWrite, offset: 0, ...(object && { object }) })
  }

  /** Makes sure that no stretch reaches across a page. */
  #cut(page: number): void {
    const stretch = this.stretches.find(({ start, end }) => start < page && page < end)
    if (!stretch) return
    this.stretches.push({ ...stretch, start: page, offset: stretch.offset + page - stretch.start })
    stretch.end = page
  }

  unmap(start: number, end: number): void {
    this.#cut(start)
    this.#cut(end)
    this.stretches = this.stretches.filter(stretch => stretch.end <= start || stretch.start >= end)
    for (const address of this.memory.keys()) if (address >= start * PAGE && address < end * PAGE) this.memory.delete(address)
  }

  /** The error mprotect gives, undefined for none. */
  protect(start: number, end: number, rights: number): string | undefined {
    for (let page = start; page < end; ) {
      const stretch = this.find(page)
      if (!stretch) return 'ENOMEM'
      if (rights & WRITE && !stretch.mayWrite) return 'EACCES'
      const to = Math.min(end, stretch.end)
      if (stretch.rights !== rights) {
        this.#cut(page)
        this.#cut(to)
        const changed = this.find(page)
        if (changed) changed.rights = rights
      }
      page = to
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
    return { contents: stretch.object.contents, at: (page - stretch.start + stretch.offset) * PAGE + (address % PAGE) }
  }

  /** The parts of an attachment made at a page. */
  attachedAt(page: number): Stretch[] {
    const isPart = ({ object, start, offset }: Stretch): boolean =>
      object?.segment !== undefined && start - page === offset && start >= page
    const first = this.stretches.filter(isPart).sort((a, b) => a.start - b.start)[0]
    return this.stretches.filter(stretch => isPart(stretch) && stretch.object === first?.object)
  }
}
