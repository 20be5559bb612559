// Splitting VMAs and joining them again, as Linux's mm/vma.c does: two neighbours are one if their flags,
// their file and their offsets agree, and their private pages can belong together. An attachment of a
// segment is never taken out by joining, as Linux counts those: its border may move only.
//
// Private pages belong together if they were first written under one `anon`, Linux's anon_vma: a number of
// the Mm's. A VMA gets one with its first private page, a neighbour's where that is one stretch with it but for
// its rights; a child's VMA has a new one, marked INHERITED, which joins with no other.
// VMAs of an Mm that have one `anon` have one family too, see map/family; a child's are in its parent's.
// Holds, in every function: Space. Takes: Ipc, Mapping, Family, Slab.
import { newFamily } from '../map/family'
import { File } from '../map/file'
import { freeVma, joinFamily, newVma, setBorders, showFile, VM_RIGHTS, Vma } from '../map/vma'
import { findVma, refresh } from '../map/vmaTree'
import { Sysctl } from '../phys/sysctl'
import { countPagesLocked, dropVmaLocked, INHERITED, linkVmaLocked, Mm, newAnon } from './space'

/** The VMA before, null if there is none. */
export function before(mm: Mm, vma: Vma): Vma | null {
  return vma.prev === mm.list ? changetype<Vma>(0) : changetype<Vma>(vma.prev)
}

/** The VMA behind, null if there is none. */
export function behind(mm: Mm, vma: Vma): Vma | null {
  return vma.next === mm.list ? changetype<Vma>(0) : changetype<Vma>(vma.next)
}

/** Whether a process has so many VMAs that none may be split. */
export function isCrowdedLocked(mm: Mm): bool {
  return mm.count >= Sysctl.only.maxMapCount
}

/** Whether pages under `anon` may join those of a VMA. */
function canShare(vma: Vma, anon: u32): bool {
  if (vma.anon === anon) return true
  return (vma.anon === 0 || anon === 0) && ((vma.anon | anon) & INHERITED) === 0
}

/** Whether the part of `vma` from `start` on, if it had these flags, could belong to `first`, which ends there. */
function canAppend(first: Vma, vma: Vma, start: u64, flags: u32): bool {
  if (first.end !== start || first.flags !== flags || first.file !== vma.file) return false
  return first.indexOf(start) === vma.indexOf(start) && canShare(first, vma.anon)
}

/** Whether the part of `vma` up to `end`, if it had these flags, could belong to `second`, which starts there. */
function canPrepend(second: Vma, vma: Vma, end: u64, flags: u32): bool {
  if (second.start !== end || second.flags !== flags || second.file !== vma.file) return false
  return second.offset === vma.indexOf(end) && canShare(second, vma.anon)
}

/** Moves the borders of a VMA that is in the tree, between its neighbours. */
export function resizeLocked(mm: Mm, vma: Vma, start: u64, end: u64): void {
  countPagesLocked(mm, vma.flags, <i64>(end - start) - <i64>(vma.end - vma.start))
  setBorders(vma, start, end)
  const root = changetype<Vma>(mm.vmas)
  refresh(root, start, mm.list)
  const next = behind(mm, vma)
  if (next) refresh(root, next.start, mm.list)
}

/** Makes the pages of `second`, which stands right behind `first`, the first's. */
function absorbLocked(mm: Mm, first: Vma, second: Vma): void {
  // in this order, so that the object's list covers the second's pages throughout
  const end = second.end
  joinFamily(first, second.anon, second.family)
  resizeLocked(mm, first, first.start, end)
  dropVmaLocked(mm, second)
}

/** Joins a VMA with the next one where they are one stretch. */
export function meetLocked(mm: Mm, vma: Vma): void {
  const next = behind(mm, vma)
  if (next && next.segment === 0 && canAppend(vma, next, next.start, next.flags)) absorbLocked(mm, vma, next)
}

/** Gives a VMA other flags; its pages are the caller's care. */
export function setFlagsLocked(mm: Mm, vma: Vma, flags: u32): void {
  const pages = <i64>(vma.end - vma.start)
  countPagesLocked(mm, vma.flags, -pages)
  vma.flags = flags
  countPagesLocked(mm, flags, pages)
}

/** Splits a VMA at a page within it, which becomes the start of the second part, and returns that; null if there is no memory. */
export function splitLocked(mm: Mm, vma: Vma, at: u64): Vma | null {
  const second = newVma(mm.id, at, vma.end, vma.flags)
  if (!second) return null
  second.offset = vma.indexOf(at)
  joinFamily(second, vma.anon, vma.family)
  if (vma.file) showFile(second, changetype<File>(vma.file), second.offset)
  countPagesLocked(mm, vma.flags, -(<i64>(vma.end - at)))
  setBorders(vma, vma.start, at)
  linkVmaLocked(mm, second, mm.pid)
  return second
}

/** Enters a new VMA where nothing is mapped: it becomes part of its neighbours if it can, and is then gone, counted as no attachment. */
export function joinLocked(mm: Mm, vma: Vma): void {
  const next = findVma(mm.vmas, vma.start)
  const prev = next ? before(mm, next) : mm.list.isEmpty ? changetype<Vma>(0) : changetype<Vma>(mm.list.prev)
  const left = prev !== null && canAppend(prev, vma, vma.start, vma.flags)
  const right = next !== null && canPrepend(next, vma, vma.end, vma.flags)
  const target = left ? prev : next
  if (!target || (!left && !right)) {
    linkVmaLocked(mm, vma, mm.pid)
    return
  }
  joinFamily(target, vma.anon, vma.family)
  resizeLocked(mm, target, left ? target.start : vma.start, left ? vma.end : target.end)
  freeVma(vma)
  if (left && next && right && next.segment === 0 && canShare(target, next.anon)) absorbLocked(mm, target, next)
}

/** Gives the pages [start, end) of a VMA other flags, splitting it or joining parts with neighbours; returns the VMA they belong to then, null if there is no memory for one more. */
export function modifyLocked(mm: Mm, vma: Vma, start: u64, end: u64, flags: u32): Vma | null {
  const whole = start === vma.start && end === vma.end
  if (!whole || vma.segment === 0) {
    const prev = start === vma.start ? before(mm, vma) : null
    const next = end === vma.end ? behind(mm, vma) : null
    const left = prev !== null && canAppend(prev, vma, start, flags)
    const right = next !== null && canPrepend(next, vma, end, flags) && (!left || canMeet(prev, next))
    if (whole && (left || right)) return mergeWholeLocked(mm, vma, left, right, flags)
    if (left && prev) return shiftLocked(mm, prev, vma, end)
    if (right && next) return shiftLocked(mm, vma, next, start)
  }
  let part: Vma | null = vma
  if (vma.start < start) part = isCrowdedLocked(mm) ? null : splitLocked(mm, vma, start)
  if (!part || (part.end > end && (isCrowdedLocked(mm) || !splitLocked(mm, part, end)))) return null
  setFlagsLocked(mm, part, flags)
  return part
}

/** Whether the neighbours of a VMA can become one, each of which could take it. */
function canMeet(prev: Vma | null, next: Vma): bool {
  return !prev || prev.anon === 0 || next.anon === 0 || prev.anon === next.anon
}

/** Gives a VMA other flags and joins it with the neighbours on the sides told. */
function mergeWholeLocked(mm: Mm, vma: Vma, left: bool, right: bool, flags: u32): Vma {
  setFlagsLocked(mm, vma, flags)
  if (right) absorbLocked(mm, vma, changetype<Vma>(vma.next))
  if (!left) return vma
  const prev = changetype<Vma>(vma.prev)
  absorbLocked(mm, prev, vma)
  return prev
}

/** Moves the border between two neighbours to `at`, within either; returns the one that grew. */
function shiftLocked(mm: Mm, first: Vma, second: Vma, at: u64): Vma {
  const grown = at > first.end ? first : second
  const other = at > first.end ? second : first
  joinFamily(grown, other.anon, other.family)
  // the one that grows first, so that both together cover their pages throughout
  if (grown === first) {
    resizeLocked(mm, first, first.start, at)
    resizeLocked(mm, second, at, second.end)
  } else {
    resizeLocked(mm, second, at, second.end)
    resizeLocked(mm, first, first.start, at)
  }
  return grown
}

/** Makes a VMA ready for private pages, if it had none; false if there is no memory: anon_vma_prepare. */
export function prepareAnonLocked(mm: Mm, vma: Vma): bool {
  if (vma.anon !== 0) return true
  const next = behind(mm, vma)
  const prev = before(mm, vma)
  const kin = next && areKin(vma, next) ? next : prev && areKin(prev, vma) ? prev : null
  const family = kin ? kin.family : newFamily()
  joinFamily(vma, kin ? kin.anon : newAnon(mm), family)
  return family !== null
}

/** Whether two VMAs are one stretch but for their rights, and private pages of one may be the other's. */
function areKin(first: Vma, second: Vma): bool {
  if (first.end !== second.start || first.file !== second.file || first.indexOf(first.end) !== second.offset) return false
  const anon = first.anon | second.anon
  return anon !== 0 && (anon & INHERITED) === 0 && ((first.flags ^ second.flags) & ~VM_RIGHTS) === 0
}
