// What machine.inspect() returns: plain data, which JSON can hold. Addresses and sizes are in bytes.
// A struct of the machine is named by its address in linear memory: the same number is the same struct.

import type { SignalName } from '../sys/signals.js'

/** A machine at one moment: the linkage from processes to frames, and back. */
export interface Inspection {
  /** Frames of the machine, and how many of them are free or hold the machine's fixed regions. */
  memory: { frames: number; free: number; reserved: number; pageSize: number }
  /** By pid; those that ended and wait for their parent too. */
  processes: InspectedProcess[]
  /** Open files that descriptors or mappings hold. */
  files: InspectedFile[]
  inodes: InspectedInode[]
  mounts: InspectedMount[]
  /** What leads from private pages to who maps them. */
  families: InspectedFamily[]
  /** Those of every IPC namespace that a process is in. */
  segments: InspectedSegment[]
  /** Every frame that is neither free nor reserved, by number. */
  frames: InspectedFrame[]
}

/** A process. */
export interface InspectedProcess {
  pid: number
  /** 0 for init. */
  parent: number
  state: 'running' | 'sleeping' | 'zombie'
  /** Of a zombie: what it gave to exit, or 128 + the signal's number; and the signal that ended it, if one did. */
  exitCode: number | null
  signal: SignalName | null
  /** The lowest CPU that is a thread of it; null for a zombie. */
  cpu: number | null
  /** Its threads that have not ended, in the order of their making. */
  threads: { tid: number; cpu: number; state: 'running' | 'sleeping' }[]
  uid: { real: number; effective: number; saved: number }
  gid: { real: number; effective: number; saved: number }
  /** The address of its IPC namespace; null for a zombie. */
  namespace: number | null
  /** Its open files, by descriptor. */
  descriptors: { fd: number; file: number }[]
  /** Its memory; null for a zombie. */
  mm: InspectedSpace | null
}

/** An address space. */
export interface InspectedSpace {
  address: number
  /** Bytes that its VMAs map. */
  total: number
  /** Private pages, pages of objects, and frames of page tables. */
  anonymous: number
  shared: number
  tables: number
  /** By address. */
  vmas: InspectedVma[]
}

/** A stretch of an address space. */
export interface InspectedVma {
  address: number
  /** It covers [start, end). */
  start: number
  end: number
  /** As in /proc/PID/maps: `rw-s`. */
  rights: string
  /** As in /proc/PID/maps: empty for private anonymous memory. */
  name: string
  /** The file it shows, and the inode of that; null for private anonymous memory. */
  file: number | null
  inode: number | null
  /** Where in the file it starts. */
  offset: number
  /** The id of the segment it attaches. */
  segment: number | null
  /** The family of its private pages; null if it never had one. */
  family: number | null
  /** Its pages that are present. */
  pages: InspectedPage[]
}

/** A page that is present: an entry of a page table. */
export interface InspectedPage {
  address: number
  /** Its frame, 0 if it is in swap; and then its swap entry, else 0. */
  frame: number
  swap: number
  writable: boolean
  accessed: boolean
  dirty: boolean
}

/** An open file. */
export interface InspectedFile {
  address: number
  inode: number
  /** Its path, with ` (deleted)` behind it if its name is gone; null if it never had one. */
  path: string | null
  /** Of open(2). */
  flags: number
  /** How many hold it. */
  refs: number
}

/** An inode, and its address_space: its pages, and the VMAs that show it. */
export interface InspectedInode {
  address: number
  mount: number
  number: number
  /** What it was made for. */
  use: 'segment' | 'zero' | 'file' | 'device' | 'queue'
  size: number
  mode: number
  uid: number
  gid: number
  links: number
  refs: number
  pages: { index: number; frame: number; swap: number }[]
  vmas: { pid: number; vma: number; start: number }[]
}

/** The VMAs that descend from one another, and so may map one another's private pages: Linux's anon_vma. */
export interface InspectedFamily {
  address: number
  vmas: { pid: number; vma: number; start: number }[]
}

/** A mount. */
export interface InspectedMount {
  address: number
  /** Minor of device 0. */
  device: number
  inodes: number
}

/** A System V segment. */
export interface InspectedSegment {
  /** The address of its IPC namespace. */
  namespace: number
  id: number
  key: number
  /** Bytes asked for. */
  size: number
  mode: number
  uid: number
  gid: number
  cuid: number
  cgid: number
  cpid: number
  lpid: number
  nattch: number
  /** Whether it goes at the last detach. */
  marked: boolean
  inode: number
}

/** A frame. */
export interface InspectedFrame {
  frame: number
  /** What it holds: a private page, a page of an inode, the page of zeros, a page table, small objects, or what was taken raw. */
  state: 'anonymous' | 'object' | 'zero' | 'table' | 'slab' | 'raw'
  refs: number
  /** Whose page it is, of state `object`; of state `anonymous`; and where in it: page of the inode, or linear page number. */
  inode: number | null
  family: number | null
  index: number | null
  /** Which page-table entries map it. */
  mappings: { pid: number; address: number }[]
}
