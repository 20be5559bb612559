// The core's records, which it fills one after the other into the CPU's buffer, as objects.
import type { Kernel } from '../core/kernel.js'
import * as layouts from '../core/layout.gen.js'

/** A type of the core. */
type Type = 'u32' | 'i32' | 'f64' | 'bool'
/** The fields of a record, by the types of the core. */
export type Fields<Types extends Record<string, Type>> = {
  -readonly [Field in keyof Types]: Types[Field] extends 'bool' ? boolean : number
}

/** One kind of record. */
export class RecordKind<const Types extends Record<string, Type>> {
  readonly #fields: readonly (readonly [string, number, Type])[]
  readonly #size: number

  constructor(layout: { readonly SIZE: number } & Record<keyof Types & string, number>, types: Types) {
    this.#fields = Object.entries(types).map(([field, type]) => [field, layout[field] as number, type])
    this.#size = layout.SIZE
  }

  /** The first records of the buffer. */
  read({ view, buffer }: Kernel, count: number): Fields<Types>[] {
    return Array.from({ length: count }, (_, index) => this.#readOne(view, buffer + index * this.#size))
  }

  /** The only record of the buffer. */
  readFirst({ view, buffer }: Kernel): Fields<Types> {
    return this.#readOne(view, buffer)
  }

  #readOne(view: DataView, at: number): Fields<Types> {
    return Object.fromEntries(this.#fields.map(([field, offset, type]) => [field, readField(view, at + offset, type)])) as Fields<Types>
  }
}

function readField(view: DataView, at: number, type: Type): number | boolean {
  switch (type) {
    case 'u32':
      return view.getUint32(at, true)
    case 'i32':
      return view.getInt32(at, true)
    case 'f64':
      return view.getFloat64(at, true)
    case 'bool':
      return view.getUint8(at) !== 0
  }
}

/** The kinds of record that there are. */
export const PROCESS = new RecordKind(layouts.ProcessRecordLayout, layouts.ProcessRecordTypes)
export const THREAD = new RecordKind(layouts.ThreadRecordLayout, layouts.ThreadRecordTypes)
export const VMA = new RecordKind(layouts.VmaRecordLayout, layouts.VmaRecordTypes)
export const PAGE = new RecordKind(layouts.PageRecordLayout, layouts.PageRecordTypes)
export const DESCRIPTOR = new RecordKind(layouts.DescriptorRecordLayout, layouts.DescriptorRecordTypes)
export const FILE = new RecordKind(layouts.FileRecordLayout, layouts.FileRecordTypes)
export const MOUNT = new RecordKind(layouts.MountRecordLayout, layouts.MountRecordTypes)
export const INODE = new RecordKind(layouts.InodeRecordLayout, layouts.InodeRecordTypes)
export const OBJECT_PAGE = new RecordKind(layouts.ObjectPageRecordLayout, layouts.ObjectPageRecordTypes)
export const OBJECT_VMA = new RecordKind(layouts.ObjectVmaRecordLayout, layouts.ObjectVmaRecordTypes)
export const FRAME = new RecordKind(layouts.FrameRecordLayout, layouts.FrameRecordTypes)
export const USAGE = new RecordKind(layouts.UsageRecordLayout, layouts.UsageRecordTypes)
export const SEGMENT = new RecordKind(layouts.SegmentRecordLayout, layouts.SegmentRecordTypes)
export const MSG_QUEUE = new RecordKind(layouts.MsgQueueRecordLayout, layouts.MsgQueueRecordTypes)
export const SEM = new RecordKind(layouts.SemRecordLayout, layouts.SemRecordTypes)
export const SEM_SET = new RecordKind(layouts.SemSetRecordLayout, layouts.SemSetRecordTypes)

export type ProcessRecord = ReturnType<typeof PROCESS.readFirst>
export type ThreadRecord = ReturnType<typeof THREAD.readFirst>
export type VmaRecord = ReturnType<typeof VMA.readFirst>
export type PageRecord = ReturnType<typeof PAGE.readFirst>
export type DescriptorRecord = ReturnType<typeof DESCRIPTOR.readFirst>
export type FileRecord = ReturnType<typeof FILE.readFirst>
export type MountRecord = ReturnType<typeof MOUNT.readFirst>
export type InodeRecord = ReturnType<typeof INODE.readFirst>
export type ObjectPageRecord = ReturnType<typeof OBJECT_PAGE.readFirst>
export type ObjectVmaRecord = ReturnType<typeof OBJECT_VMA.readFirst>
export type FrameRecord = ReturnType<typeof FRAME.readFirst>
export type SegmentRecord = ReturnType<typeof SEGMENT.readFirst>
export type MsgQueueRecord = ReturnType<typeof MSG_QUEUE.readFirst>
export type SemRecord = ReturnType<typeof SEM.readFirst>
export type SemSetRecord = ReturnType<typeof SEM_SET.readFirst>
