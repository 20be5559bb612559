// Changing what an address space maps: entering, taking away, changing rights, with splitting and
// merging of VMAs. Arguments are page numbers and checked already. Holds, in every function whose
// name ends in Locked: Space. Takes: Ipc, Mapping, Tables, Slab, Zone.
import { EACCES, ENOMEM } from '../abi/errno'
import { MAX_MAP_COUNT } from '../abi/limits'
import { File } from '../map/file'
import { nextMapped, tableEnd, walk } from '../map/pagetable'
import { readOnly } from '../map/pte'
import { flushPage } from '../map/tlb'
import { freeVma, newVma, setEnd, showFile, VM_MAY_SHIFT, VM_RIGHTS, VM_WRITE, Vma } from '../map/vma'
import { findVma, refresh } from '../map/vmaTree'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { dropVmaLocked, linkVmaLocked, Mm, unmapPages } from './space'

/** Whether any VMA reaches into [start, end). */
export function isUsedLocked(mm: Mm, start: u64, end: u64): bool {
  const vma = findVma(mm.vmas, start)
  return vma !== null && vma.start < end
}

/** Splits a VMA at a page within it, which becomes the start of the second part, and returns that; null if there is no memory. */
function splitLocked(mm: Mm, vma: Vma, at: u64): Vma | null {
  const second = newVma(mm.id, at, vma.end, vma.flags)
  if (!second) return null
  if (vma.file) showFile(second, changetype<File>(vma.file), vma.indexOf(at))
  mm.total -= vma.end - at
  setEnd(vma, at)
  linkVmaLocked(mm, second, mm.pid)
  return second
}

/** Whether two neighbours are one stretch in all but name. Attachments stay apart: each is counted. */
function canMerge(first: Vma, second: Vma): bool {
  if (first.end !== second.start || first.flags !== second.flags || first.file !== second.file) return false
  if (first.segment !== 0 || second.segment !== 0) return false
  return first.object === null || first.indexOf(first.end) === second.offset
}

/** Joins a VMA with its neighbours where they are one stretch. */
export function mergeLocked(mm: Mm, vma: Vma): void {
  const list = mm.list
  if (vma.next !== list && canMerge(vma, changetype<Vma>(vma.next))) absorbLocked(mm, vma, changetype<Vma>(vma.next))
  if (vma.prev !== list && canMerge(changetype<Vma>(vma.prev), vma)) absorbLocked(mm, changetype<Vma>(vma.prev), vma)
}

function absorbLocked(mm: Mm, first: Vma, second: Vma): void {
  const end = second.end
  // in this order, so that the object's list covers the second's pages throughout
  const grown = end - first.end
  setEnd(first, end)
  dropVmaLocked(mm, second)
  mm.total += grown
  const next = first.next
  if (next !== mm.list) mm.vmas = refresh(changetype<Vma>(mm.vmas), changetype<Vma>(next).start, mm.list)
}

/** Enters a new VMA in place of whatever is mapped there, and joins it with its neighbours; on an error the VMA is gone. */
export function mapLocked(mm: Mm, vma: Vma): i32 {
  const error = unmapLocked(mm, vma.start, vma.end)
  if (error !== 0) {
    freeVma(vma)
    return error
  }
  linkVmaLocked(mm, vma, mm.pid)
  mergeLocked(mm, vma)
  return 0
}

/** Unmaps [start, end), splitting the VMAs at its borders; 0, or ENOMEM with nothing unmapped. */
export function unmapLocked(mm: Mm, start: u64, end: u64): i32 {
  let vma = findVma(mm.vmas, start)
  if (!vma || vma.start >= end) return 0
  if (vma.start < start) {
    if (end < vma.end && mm.count >= MAX_MAP_COUNT) return -ENOMEM
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
    let vma = findVma(mm.vmas, at)
    if (!vma || vma.start > at) return -ENOMEM
    if ((rights & ~(vma.flags >> VM_MAY_SHIFT) & VM_RIGHTS) !== 0) return -EACCES
    const to = min(end, vma.end)
    if ((vma.flags & VM_RIGHTS) !== rights) {
      if (vma.start < at) {
        if (mm.count >= MAX_MAP_COUNT) return -ENOMEM
        vma = splitLocked(mm, vma, at)
        if (!vma) return -ENOMEM
      }
      if (to < vma.end) {
        if (mm.count >= MAX_MAP_COUNT || !splitLocked(mm, vma, to)) return -ENOMEM
      }
      vma.flags = (vma.flags & ~VM_RIGHTS) | rights
      narrowPages(mm, at, to, rights)
      mergeLocked(mm, vma)
    }
    at = to
  }
  return 0
}

/** Takes rights away from mapped pages; rights given are found by the next fault. Takes: Tables. */
function narrowPages(mm: Mm, start: u64, end: u64, rights: u32): void {
  const cpu = Cpu.at(mm.cpu)
  mm.tablesLock.lock(Rank.Tables)
  for (let vpn = nextMapped(mm.tables, start, end); vpn < end; vpn = nextMapped(mm.tables, vpn, end)) {
    const stop = tableEnd(vpn, end)
    for (let at = walk(mm.tables, vpn); vpn < stop; vpn++, at += 8) {
      const pte = load<u64>(at)
      if (pte === 0) continue
      if ((rights & VM_WRITE) === 0) store<u64>(at, readOnly(pte))
      flushPage(cpu, vpn, mm.id)
    }
  }
  mm.tablesLock.unlock(Rank.Tables)
}
