// From an object's pages to the address spaces that map them: mm/rmap.c. Takes: Tables.
import { Inode } from '../map/inode'
import { Vma } from '../map/vma'
import { Rank } from '../sync/lockdep'
import { Mm, unmapPagesLocked } from './space'

/** Unmaps the pages [first, last] of an object wherever they are mapped, private copies too if `copies` says so. Holds: Mapping. */
export function unmapObjectLocked(inode: Inode, first: u32, last: u32, copies: bool): void {
  const list = inode.vmas
  for (let link = list.next; link !== list; link = link.next) {
    const vma = Vma.ofShared(link)
    const mm = changetype<Mm>(vma.space)
    mm.tablesLock.lock(Rank.Tables)
    const end = vma.offset + (vma.end - vma.start)
    if (vma.offset <= <u64>last && end > <u64>first) {
      const from = vma.start + (<u64>first > vma.offset ? <u64>first - vma.offset : 0)
      const to = min<u64>(vma.end, vma.start + (<u64>last - vma.offset) + 1)
      unmapPagesLocked(mm, from, to, copies)
    }
    mm.tablesLock.unlock(Rank.Tables)
  }
}
