// Fault-around: a read of an object's page that is not mapped maps its neighbours, too, as far as they are in memory. It is
// Linux's do_fault_around with fault_around_bytes of 64 KiB, which shows: whoever reads what others have brought in faults
// once for 16 pages, and those pages count as used.
// Takes: what noting a locked page takes; walks the object.
import { PAGE_SHIFT } from '../abi/layout'
import { PAGES_END } from '../abi/limits'
import { FAULT_AROUND } from '../abi/mechanism'
import { Inode } from '../map/inode'
import { make, touched } from '../map/pte'
import { mayShowWritable, Vma } from '../map/vma'
import { Frame } from '../phys/frame'
import { freeFrame } from '../phys/pcp'
import { Superblock } from '../phys/superblock'
import { Cpu } from '../sync/cpu'
import { findMappedInWalk } from './shmem'
import { countShared, Mm, setEntry } from './space'
import { noteMappedLocked } from './unevictable'

/** Pages that are looked at: those of an aligned stretch, within one table. */
const AROUND: u64 = 16

/**
 * Maps the pages around one of an object's that is read and whose entry is at `at`, where nothing is mapped and they are in memory.
 * Whoever takes one out meanwhile finds its entry, as in a fault. Holds: Space, Tables.
 */
export function mapAroundLocked(mm: Mm, vma: Vma, vpn: u64, at: usize): void {
  if ((Superblock.only.without & FAULT_AROUND) !== 0) return
  const object = changetype<Inode>(vma.object)
  const pages = min<u64>(object.length, PAGES_END >> PAGE_SHIFT)
  const mayWrite = mayShowWritable(vma)
  const first = max(vpn & ~(AROUND - 1), vma.start)
  const end = min((vpn | (AROUND - 1)) + 1, vma.end)
  const cpu = Cpu.current
  cpu.beginWalk(changetype<usize>(object))
  let entry = at - <usize>((vpn - first) << 3)
  for (let near = first; near < end; near++, entry += 8) {
    const index = vma.indexOf(near)
    if (near === vpn || index >= pages || atomic.load<u64>(entry) !== 0) continue
    const pfn = findMappedInWalk(object, <u32>index)
    if (pfn <= 0) continue
    const frame = Frame.at(pfn)
    if (setEntry(mm, entry, touched(make(pfn, mayWrite), false))) {
      countShared(mm, 1)
      noteMappedLocked(vma, frame)
    } else if (frame.dropMapping()) freeFrame(frame)
  }
  cpu.endWalk()
}
