// A plain model of files and of mappings of them: bytes by page, and private copies by mapping. It knows
// which pages a file has, because programs see that: st_blocks, SEEK_DATA.
export const PAGE = 4096

/** A page of a file; one that was only reserved reads as zeros and is a hole. */
interface ModelPage {
  bytes: Uint8Array
  reserved: boolean
}

/** A file. */
export class ModelFile {
  size = 0
  readonly pages = new Map<number, ModelPage>()

  /** Pages up to the end. */
  get length(): number {
    return Math.ceil(this.size / PAGE)
  }

  /** The page at an index, made if there was none, and used from now on. */
  use(index: number): Uint8Array {
    const page = this.pages.get(index) ?? { bytes: new Uint8Array(PAGE), reserved: false }
    this.pages.set(index, page)
    page.reserved = false
    return page.bytes
  }

  /** The bytes of the page at an index, as a fault finds or makes it. */
  touch(index: number, _write: boolean): Uint8Array {
    return this.use(index)
  }

  write(bytes: Uint8Array, offset: number): void {
    bytes.forEach((byte, i) => {
      this.use(Math.floor((offset + i) / PAGE))[(offset + i) % PAGE] = byte
    })
    if (bytes.length > 0) this.size = Math.max(this.size, offset + bytes.length)
  }

  read(length: number, offset: number): Uint8Array {
    const end = Math.min(offset + length, this.size)
    return Uint8Array.from({ length: Math.max(0, end - offset) }, (_, i) => {
      const at = offset + i
      return this.pages.get(Math.floor(at / PAGE))?.bytes[at % PAGE] ?? 0
    })
  }

  /** Whole pages within [from, to) go, of others the bytes become zeros. */
  punch(from: number, to: number): void {
    for (const [index, { bytes }] of this.pages) {
      const start = index * PAGE
      if (from <= start && start + PAGE <= to) this.pages.delete(index)
      else if (from < start + PAGE && start < to) bytes.fill(0, Math.max(from - start, 0), Math.min(to - start, PAGE))
    }
  }

  resize(size: number): void {
    if (size <= this.size) this.punch(size, Number.POSITIVE_INFINITY)
    this.size = size
  }

  /** A page that is reserved again is data. */
  reserve(from: number, to: number, keepSize: boolean): void {
    for (let index = Math.floor(from / PAGE); index * PAGE < to; index++) {
      if (this.pages.has(index)) this.use(index)
      else this.pages.set(index, { bytes: new Uint8Array(PAGE), reserved: true })
    }
    if (!keepSize) this.size = Math.max(this.size, to)
  }

  /** Where data begins, or a hole, from a place on; undefined for ENXIO. */
  seek(offset: number, data: boolean): number | undefined {
    if (offset >= this.size) return undefined
    for (let index = Math.floor(offset / PAGE); index < this.length; index++) {
      const hole = this.pages.get(index)?.reserved ?? true
      if (hole !== data) return Math.max(index * PAGE, offset)
    }
    return data ? undefined : this.size
  }
}

/** A mapping of a file, at an address. */
export class ModelMapping {
  /** Private copies, by the file's index. */
  readonly copies = new Map<number, Uint8Array>()

  constructor(
    readonly file: ModelFile,
    readonly at: number,
    readonly first: number,
    readonly pages: number,
    readonly shared: boolean,
  ) {}

  fork(): ModelMapping {
    const child = new ModelMapping(this.file, this.at, this.first, this.pages, this.shared)
    for (const [index, bytes] of this.copies) child.copies.set(index, bytes.slice())
    return child
  }

  /** The bytes behind a page of the mapping, to read or to write; undefined for SIGBUS. */
  reach(page: number, write: boolean): Uint8Array | undefined {
    const index = this.first + page
    const copy = this.copies.get(index)
    if (copy) return copy
    if (index >= this.file.length) return undefined
    const bytes = this.file.touch(index, write && this.shared)
    if (this.shared || !write) return bytes
    const own = bytes.slice()
    this.copies.set(index, own)
    return own
  }

  /** Truncation takes copies behind the end, too. */
  cut(): void {
    for (const index of this.copies.keys()) if (index >= this.file.length) this.copies.delete(index)
  }
}

/** A file on a disk: a page that is only read takes no block, and one that was reserved stays so until it is written. */
export class ModelDiskFile extends ModelFile {
  /** Whether it has pages of which it depends on what is in memory whether they are a hole. */
  get isVague(): boolean {
    return [...this.pages.values()].some(({ reserved }) => reserved)
  }

  override touch(index: number, write: boolean): Uint8Array {
    return write ? this.use(index) : (this.pages.get(index)?.bytes ?? new Uint8Array(PAGE))
  }

  override reserve(from: number, to: number, keepSize: boolean): void {
    for (let index = Math.floor(from / PAGE); index * PAGE < to; index++) {
      if (!this.pages.has(index)) this.pages.set(index, { bytes: new Uint8Array(PAGE), reserved: true })
    }
    if (!keepSize) this.size = Math.max(this.size, to)
  }
}
