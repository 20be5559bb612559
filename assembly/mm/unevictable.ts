// Pages that locked mappings show, as they come and go: see phys/pinned. Holds, in every function whose name ends in Locked: Tables. Takes: Lru.
import { Inode } from '../map/inode'
import { isNobody } from '../map/mapping'
import { nextMapped, walk } from '../map/pagetable'
import { isPresent, pfnOf } from '../map/pte'
import { VM_LOCKED, Vma } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { Frame, State } from '../phys/frame'
import { lockFrame, unlockFrame } from '../phys/pinned'

/** Notes that a VMA maps a frame, by an entry that was just made. */
export function noteMappedLocked(vma: Vma, frame: Frame): void {
  if ((vma.flags & VM_LOCKED) !== 0 && frame.isUsers) lockFrame(frame)
}

/** Whether a page's segment is locked. If nothing maps the page the segment may be gone meanwhile: then the page is free soon, and the answer means nothing. */
export function isForbidden(frame: Frame): bool {
  if (frame.state !== State.Object) return false
  const owner = atomic.load<u32>(changetype<usize>(frame), offsetof<Frame>('owner'))
  return !isNobody(owner) && changetype<Inode>(owner).lockedFor !== 0
}

/** Notes that a VMA that is locked maps a frame no more. */
function dropLockLocked(frame: Frame): void {
  unlockFrame(frame, isForbidden(frame))
}

/** Notes that a frame with PG_MLOCKED is mapped no more at a page, in a VMA, or, if the space is the caller's, in the one of that page. The entry is still counted. */
export function noteUnmappedLocked(vmas: Vma | null, vma: Vma | null, vpn: u64, frame: Frame): void {
  const shown = vma ? vma : findVma(vmas, vpn)
  if (shown && (shown.flags & VM_LOCKED) !== 0) dropLockLocked(frame)
}

/** Notes that [start, end) of a VMA was locked, or is not to be any more. */
export function markRangeLocked(tables: usize, start: u64, end: u64, lock: bool): void {
  for (let vpn = nextMapped(tables, start, end); vpn < end; vpn = nextMapped(tables, vpn + 1, end)) {
    const pte = load<u64>(walk(tables, vpn))
    if (!isPresent(pte)) continue
    const frame = Frame.at(pfnOf(pte))
    if (!frame.isUsers) continue
    if (lock) lockFrame(frame)
    else dropLockLocked(frame)
  }
}
