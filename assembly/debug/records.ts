// What the host reads of the machine's structs, one record after the other in the CPU's buffer. The
// functions that fill them stand in debug/walk and debug/objectWalk. Addresses of structs serve as
// names: they are the same wherever one struct is meant. Addresses and sizes of users are bytes.

/** A process; behind it stand its supplementary groups, a u32 each. */
@unmanaged
@final
export class ProcessRecord {
  pid: u32
  /** The parent's pid, 0 if there is none. */
  parent: u32
  /** Whether it has not ended. */
  alive: bool
  /** What it ended with, as waitpid has it. */
  status: u32
  /** The lowest CPU that is a thread of it, if it is alive; whether all its threads sleep in calls; and how many it has. */
  cpu: u32
  asleep: bool
  threads: u32
  uid: u32
  euid: u32
  suid: u32
  gid: u32
  egid: u32
  sgid: u32
  groups: u32
  umask: u32
  /** Its IPC namespace, 0 once it ended. */
  namespace: u32
  /** Its address space, 0 once it ended; and what that counts: VMAs, private pages, pages of objects, private pages in swap, page tables. */
  mm: u32
  vmas: u32
  anonymous: u32
  shared: u32
  swapped: u32
  tables: u32
  /** /proc/PID/oom_score_adj and oom_score. */
  oomScoreAdj: i32
  oomScore: u32
  /** Bytes that its VMAs map; of them, private ones that may be written, and locked ones. */
  total: f64
  data: f64
  locked: f64
  /** Where its heap ends. */
  heapEnd: f64
}

/** A thread of a process. */
@unmanaged
@final
export class ThreadRecord {
  tid: u32
  /** The CPU that it is, and whether it sleeps in a call. */
  cpu: u32
  asleep: bool
}

/** A VMA. */
@unmanaged
@final
export class VmaRecord {
  start: f64
  end: f64
  vma: u32
  /** Bits of Linux's vm_flags. */
  flags: u32
  /** The file it shows, 0 for private anonymous memory, and the file's inode. */
  file: u32
  inode: u32
  /** Where in the file it starts, in bytes. */
  offset: f64
  /** The id of the segment it attaches, -1 if it is no attachment. */
  segment: i32
  /** The family of its private pages, 0 if it never had one. */
  family: u32
}

/** An entry of a page table. */
@unmanaged
@final
export class PageRecord {
  address: f64
  frame: u32
  /** What the frame is, enum State, and how many entries map it. */
  state: u32
  maps: u32
  writable: bool
  accessed: bool
  dirty: bool
  softDirty: bool
  /** Whether MADV_FREE gave it away, and it was not written since. */
  lazyFree: bool
  /** The swap entry if it is in swap, and then there is no frame; else 0. And how many refer to that. */
  swap: u32
  swapUsers: u32
}

/** A descriptor. */
@unmanaged
@final
export class DescriptorRecord {
  fd: u32
  file: u32
}

/** An open file. */
@unmanaged
@final
export class FileRecord {
  file: u32
  inode: u32
  flags: u32
  refs: u32
}

/** An inode. */
@unmanaged
@final
export class InodeRecord {
  inode: u32
  mount: u32
  device: u32
  /** enum Use, and what that says of `tag`. */
  use: u32
  tag: u32
  number: u32
  mode: u32
  uid: u32
  gid: u32
  links: u32
  refs: u32
  /** Its pages in frames, and in swap. */
  pages: u32
  swapped: u32
  bytes: f64
  accessed: f64
  modified: f64
  changed: f64
}

/** A page of an inode. */
@unmanaged
@final
export class ObjectPageRecord {
  index: u32
  /** Its frame, or 0, and its swap entry, or 0. */
  frame: u32
  swap: u32
}

/** A VMA that shows an inode. */
@unmanaged
@final
export class ObjectVmaRecord {
  start: f64
  vma: u32
  pid: u32
}

/** A frame that is neither free nor reserved. */
@unmanaged
@final
export class FrameRecord {
  frame: u32
  /** enum State. */
  state: u32
  refs: u32
  maps: u32
  /** By state: an inode, a family, a slab cache, an order. */
  owner: u32
  index: f64
}

/** The head of an IPC object. */
@unmanaged
export class PermRecord {
  id: i32
  key: i32
  uid: u32
  gid: u32
  cuid: u32
  cgid: u32
  mode: u32
}

/** A segment. */
@unmanaged
@final
export class SegmentRecord extends PermRecord {
  creator: u32
  last: u32
  attachments: u32
  inode: u32
  bytes: f64
  attached: f64
  detached: f64
  changed: f64
}

/** A set of semaphores. */
@unmanaged
@final
export class SemSetRecord extends PermRecord {
  /** How many semaphores. */
  count: u32
  operated: f64
  changed: f64
}

/** A semaphore of a set. */
@unmanaged
@final
export class SemRecord {
  value: u32
  pid: u32
  /** How many wait for it to be more, and to be zero. */
  forMore: u32
  forZero: u32
}

/** A message queue. */
@unmanaged
@final
export class MsgQueueRecord extends PermRecord {
  /** Its messages, and their bytes. */
  count: u32
  bytes: u32
  /** The most bytes that it takes. */
  most: f64
  sender: u32
  receiver: u32
  sent: f64
  received: f64
  changed: f64
}

/** A mount. */
@unmanaged
@final
export class MountRecord {
  mount: u32
  device: u32
  inodes: u32
  maxInodes: u32
  blocks: u32
  maxBlocks: u32
}

/** How many frames are what; of objects' frames, also how many are mapped. */
@unmanaged
@final
export class UsageRecord {
  raw: u32
  slab: u32
  table: u32
  anonymous: u32
  object: u32
  mapped: u32
  /** Of objects' frames: those of files on disks, and of these those that differ from their blocks. */
  file: u32
  dirty: u32
  /** Pages in the lists of all control groups. */
  inactiveAnon: u32
  activeAnon: u32
  inactiveFile: u32
  activeFile: u32
  /** Users' pages that may not be evicted; of them, those that locked mappings show. */
  unevictable: u32
  locked: u32
  /** Pages that are promised, and that may be in mode 2. */
  committed: f64
  commitLimit: f64
}
