// Walks over the machine's structs, record by record. Consistent while no other thread is in a call.
import { BUFFER_SIZE, IPC_MAX, PAGE_SIZE, PID_MAX } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { ProcessRecordLayout, State } from '../core/layout.gen.js'
import * as records from './records.js'

/** All processes, ended ones included, by pid. */
export function* processes(kernel: Kernel): Generator<records.ProcessRecord> {
  for (let pid = 1; ; pid++) {
    pid = kernel.exports.inspect_process(pid)
    if (pid === 0) return
    yield records.PROCESS.readFirst(kernel)
  }
}

/** The threads of a process, in the order of their making. */
export function threads(kernel: Kernel, pid: number): records.ThreadRecord[] {
  return records.THREAD.read(kernel, kernel.exports.inspect_threads(pid))
}

/** The VMAs of a process, by address. */
export function* vmas(kernel: Kernel, pid: number): Generator<records.VmaRecord> {
  let address = 0
  while (true) {
    const found = records.VMA.read(kernel, kernel.exports.inspect_vmas(pid, address))
    if (found.length === 0) return
    yield* found
    address = (found.at(-1) as records.VmaRecord).end
  }
}

/** What a process maps in a range, by address. */
export function* pages(kernel: Kernel, pid: number, start: number, end: number): Generator<records.PageRecord> {
  let address = start
  while (true) {
    const found = records.PAGE.read(kernel, kernel.exports.inspect_pages(pid, address, end))
    if (found.length === 0) return
    yield* found
    address = (found.at(-1) as records.PageRecord).address + PAGE_SIZE
  }
}

/** The descriptors of a process, by number. */
export function* descriptors(kernel: Kernel, pid: number): Generator<records.DescriptorRecord> {
  let next = 0
  while (true) {
    const found = records.DESCRIPTOR.read(kernel, kernel.exports.inspect_descriptors(pid, next))
    if (found.length === 0) return
    yield* found
    next = (found.at(-1) as records.DescriptorRecord).fd + 1
  }
}

/** The open file that a record names. */
export function file(kernel: Kernel, address: number): records.FileRecord {
  kernel.exports.inspect_file(address)
  return records.FILE.readFirst(kernel)
}

/** The process with a pid, running or ended; undefined if there is none. */
export function process(kernel: Kernel, pid: number): records.ProcessRecord | undefined {
  return pid > 0 && pid < PID_MAX && kernel.exports.inspect_process(pid) === pid ? records.PROCESS.readFirst(kernel) : undefined
}

/** The supplementary groups of the process that was read last. */
export function groups({ view, buffer }: Kernel, { groups }: records.ProcessRecord): number[] {
  return Array.from({ length: groups }, (_, index) => view.getUint32(buffer + ProcessRecordLayout.SIZE + index * 4, true))
}

/** The inode that a record names. */
export function inode(kernel: Kernel, address: number): records.InodeRecord {
  kernel.exports.inspect_inode_at(address)
  return records.INODE.readFirst(kernel)
}

/** The path of an open file, with ` (deleted)` behind it if its name is gone; undefined if it never had one. */
export function path({ exports, memory, buffer }: Kernel, file: number): string | undefined {
  const length = exports.inspect_path(file)
  const end = buffer + BUFFER_SIZE
  // a shared buffer cannot be decoded
  return length === 0 ? undefined : new TextDecoder().decode(new Uint8Array(memory.buffer, end - length, length).slice())
}

/** All mounts. */
export function* mounts(kernel: Kernel): Generator<records.MountRecord> {
  for (let index = 0; kernel.exports.inspect_mount(index); index++) yield records.MOUNT.readFirst(kernel)
}

/** All inodes of a mount, in the order of their making. */
export function* inodes(kernel: Kernel, mount: number): Generator<records.InodeRecord> {
  let last = 0
  while (kernel.exports.inspect_inode(mount, last)) {
    const record = records.INODE.readFirst(kernel)
    last = record.inode
    yield record
  }
}

/** The pages of an inode, by index. */
export function* objectPages(kernel: Kernel, inode: number): Generator<records.ObjectPageRecord> {
  let index = 0
  while (index < 2 ** 32) {
    const found = records.OBJECT_PAGE.read(kernel, kernel.exports.inspect_object_pages(inode, index))
    if (found.length === 0) return
    yield* found
    index = (found.at(-1) as records.ObjectPageRecord).index + 1
  }
}

/** The VMAs that show an inode. */
export function* objectVmas(kernel: Kernel, inode: number): Generator<records.ObjectVmaRecord> {
  let last = 0
  while (true) {
    const found = records.OBJECT_VMA.read(kernel, kernel.exports.inspect_object_vmas(inode, last))
    if (found.length === 0) return
    yield* found
    last = (found.at(-1) as records.ObjectVmaRecord).vma
  }
}

/** The VMAs of a family. */
export function* familyVmas(kernel: Kernel, family: number): Generator<records.ObjectVmaRecord> {
  let last = 0
  while (true) {
    const found = records.OBJECT_VMA.read(kernel, kernel.exports.inspect_family_vmas(family, last))
    if (found.length === 0) return
    yield* found
    last = (found.at(-1) as records.ObjectVmaRecord).vma
  }
}

/** Every frame that is neither free nor reserved, by number; of a larger block the first. */
export function* frames(kernel: Kernel): Generator<records.FrameRecord> {
  let next = 0
  while (true) {
    const found = records.FRAME.read(kernel, kernel.exports.inspect_frames(next))
    if (found.length === 0) return
    yield* found
    const { frame, state, owner } = found.at(-1) as records.FrameRecord
    next = frame + (state === State.Raw ? 2 ** owner : 1)
  }
}

/** All segments, by index. */
export function* segments(kernel: Kernel): Generator<records.SegmentRecord> {
  for (let index = 0; index < IPC_MAX; index++) if (kernel.exports.inspect_segment(index)) yield records.SEGMENT.readFirst(kernel)
}

/** All sets of semaphores, by index. */
export function* semaphoreSets(kernel: Kernel): Generator<records.SemSetRecord> {
  for (let index = 0; index < IPC_MAX; index++) if (kernel.exports.inspect_semaphores(index)) yield records.SEM_SET.readFirst(kernel)
}

/** The semaphores of the set with an id. */
export function* semaphores(kernel: Kernel, id: number): Generator<records.SemRecord> {
  for (let first = 0; ; ) {
    const found = records.SEM.read(kernel, kernel.exports.inspect_semaphore_values(id % IPC_MAX, first))
    if (found.length === 0) return
    yield* found
    first += found.length
  }
}

/** All message queues, by index. */
export function* queues(kernel: Kernel): Generator<records.MsgQueueRecord> {
  for (let index = 0; index < IPC_MAX; index++) if (kernel.exports.inspect_queue(index)) yield records.MSG_QUEUE.readFirst(kernel)
}
