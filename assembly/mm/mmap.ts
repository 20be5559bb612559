// Changing what an address space maps: entering, taking away, changing rights, with splitting and
// merging of VMAs. Arguments are page numbers and checked already. Holds, in every function whose
// name ends in Locked: Space. Takes: Ipc, Mapping, Tables, Slab, Zone.
import { EACCES, ENOMEM } from '../abi/errno'
import { nextMapped, tableEnd, walk } from '../map/pagetable'
import { hidden, readOnly } from '../map/pte'
import { flushPage } from '../map/tlb'
import { freeVma, VM_MAY_SHIFT, VM_RIGHTS, VM_WRITE, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { isCrowdedLocked, joinLocked, modifyLocked, splitLocked } from './merge'
import { dropVmaLocked, Mm, unmapPages } from './space'

/** Whether any VMA reaches into [start, end). */
export function isUsedLocked(mm: Mm, start: u64, end: u64): bool {
  const vma = findVma(mm.vmas, start)
  return vma !== null && vma.start < end
}

/** Enters a new VMA in place of whatever is mapped there, and joins it with its neighbours; on an error the VMA is gone. */
export function mapLocked(mm: Mm, vma: Vma): i32 {
  const error = unmapLocked(mm, vma.start, vma.end)
  if (error !== 0) {
    freeVma(vma)
    return error
  }
  joinLocked(mm, vma)
  return 0
}

/** Unmaps [start, end), splitting the VMAs at its borders; 0, or ENOMEM with nothing unmapped. */
export function unmapLocked(mm: Mm, start: u64, end: u64): i32 {
  let vma = findVma(mm.vmas, start)
  if (!vma || vma.start >= end) return 0
  if (vma.start < start) {
    if (end < vma.end && isCrowdedLocked(mm)) return -ENOMEM
    vma = splitLocked(mm, vma, start)
    if (!vma) return -ENOMEM
  }
  const last = findVma(mm.vmas, end - 1)
  if (last && last.start < end && last.end > end && !splitLocked(mm, last, end)) return -ENOMEM
  unmapPages(mm, start, end)
  let node: Vma | null = vma
  while (node && node.start < end) {
    dropVmaLocked(mm, node)
    node = findVma(mm.vmas, start)
  }
  return 0
}

/** Gives [start, end) the rights, VMA by VMA up to the first hole or refusal: 0, ENOMEM at a hole, EACCES where the right may not be given. */
export function protectLocked(mm: Mm, start: u64, end: u64, rights: u32): i32 {
  let at = start
  while (at < end) {
    const vma = findVma(mm.vmas, at)
    if (!vma || vma.start > at) return -ENOMEM
    if ((rights & ~(vma.flags >> VM_MAY_SHIFT) & VM_RIGHTS) !== 0) return -EACCES
    const to = min(end, vma.end)
    if ((vma.flags & VM_RIGHTS) !== rights) {
      if (!modifyLocked(mm, vma, at, to, (vma.flags & ~VM_RIGHTS) | rights)) return -ENOMEM
      narrowPages(mm, at, to, rights)
    }
    at = to
  }
  return 0
}

/** Takes rights away from mapped pages; the right to write, if it is given, is found by the next fault. Takes: Tables. */
function narrowPages(mm: Mm, start: u64, end: u64, rights: u32): void {
  const cpu = Cpu.at(mm.cpu)
  mm.tablesLock.lock(Rank.Tables)
  for (let vpn = nextMapped(mm.tables, start, end); vpn < end; vpn = nextMapped(mm.tables, vpn, end)) {
    const stop = tableEnd(vpn, end)
    for (let at = walk(mm.tables, vpn); vpn < stop; vpn++, at += 8) {
      const pte = load<u64>(at)
      if (pte === 0) continue
      store<u64>(at, hidden((rights & VM_WRITE) === 0 ? readOnly(pte) : pte, rights === 0))
      flushPage(cpu, vpn, mm.id)
    }
  }
  mm.tablesLock.unlock(Rank.Tables)
}
