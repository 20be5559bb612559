// Forgetting which pages were used or written, so that it can be seen which are from now on: what writing to
// /proc/PID/clear_refs does, Linux's fs/proc/task_mmu.c. Takes: Space, Tables.
import { EINVAL } from '../abi/errno'
import { nextMapped, tableEnd, walk } from '../map/pagetable'
import { unsoiled, unused } from '../map/pte'
import { flushPage } from '../map/tlb'
import { Vma } from '../map/vma'
import { Rank } from '../sync/lockdep'
import { Mm } from './space'

/** Values of clear_refs: of which mappings it is forgotten that pages were used; and that they were written. */
const ALL: u32 = 1
const PRIVATE: u32 = 2
const MAPPED: u32 = 3
const SOFT_DIRTY: u32 = 4
const PEAK: u32 = 5

/** Does what a value written to clear_refs asks for: 0 or EINVAL. The peak of memory, which 5 resets, is not kept. */
export function clearRefs(mm: Mm, value: u32): i32 {
  if (value < ALL || value > PEAK) return -EINVAL
  if (value === PEAK) return 0
  mm.lockAll(Rank.Space)
  for (let link = mm.list.next; link !== mm.list; link = link.next) {
    const vma = changetype<Vma>(link)
    if (value === PRIVATE && vma.file !== null) continue
    if (value === MAPPED && vma.file === null) continue
    clearVma(mm, vma, value === SOFT_DIRTY)
  }
  mm.unlock(Rank.Space)
  return 0
}

/** Forgets that a VMA's pages were written, by taking the right to write, which the next write gets back; or that they were used. Holds: Space. */
function clearVma(mm: Mm, vma: Vma, soft: bool): void {
  const cpus = mm.cpusNow
  const end = vma.end
  mm.tablesLock.lock(Rank.Tables)
  for (let vpn = nextMapped(mm.tables, vma.start, end); vpn < end; vpn = nextMapped(mm.tables, vpn, end)) {
    const stop = tableEnd(vpn, end)
    for (let at = walk(mm.tables, vpn); vpn < stop; vpn++, at += 8) {
      const pte = load<u64>(at)
      const cleared = soft ? unsoiled(pte) : unused(pte)
      if (cleared === pte) continue
      store<u64>(at, cleared)
      flushPage(cpus, vpn, mm.id)
    }
  }
  mm.tablesLock.unlock(Rank.Tables)
}
