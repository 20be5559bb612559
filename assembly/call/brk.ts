// brk: Linux's mm/mmap.c (6.18). The heap is a VMA of private memory above HEAP_START. Takes: Space and what it nests.
import { PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { HEAP_START, STACK_GAP, TASK_PAGES } from '../abi/limits'
import { RLIMIT_DATA } from '../abi/resource'
import { newVma, VM_ACCOUNT, VM_GROWSDOWN, VM_LOCKED, VM_MAY_SHIFT, VM_READ, VM_RIGHTS, VM_WRITE } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { commitLocked, mayExpandLocked, mayLockLocked } from '../mm/limits'
import { joinLocked } from '../mm/merge'
import { isUsedLocked, unmapLocked } from '../mm/mmap'
import { populate } from '../mm/populate'
import { UNLIMITED } from '../mm/rlimit'
import { Mm } from '../mm/space'
import { uncommit } from '../phys/commit'
import { Sysctl } from '../phys/sysctl'
import { Task } from '../proc/task'
import { Rank } from '../sync/lockdep'

const OFFSET: u64 = PAGE_SIZE - 1

/** The first page behind a heap that ends at an address. */
function pageBehind(address: u64): u64 {
  return ((address + OFFSET) & ~OFFSET) >> PAGE_SHIFT
}

/** Moves the end of the heap to an address, if that can be; returns where it is then. Takes: Space. */
export function moveBreak(task: Task, address: u64): f64 {
  const mm = task.mm
  mm.lockAll(Rank.Space)
  const old = pageBehind(mm.heapEnd)
  const end = pageBehind(address)
  const moved = moveBreakLocked(mm, address, old, end)
  if (moved) mm.heapEnd = address
  const filled = moved && end > old && (mm.defaults & VM_LOCKED) !== 0
  const result = mm.heapEnd
  mm.unlock(Rank.Space)
  if (filled) populate(mm, old, end)
  return <f64>result
}

/** Whether the heap, whose first page behind it was `old`, now ends at the address. Holds: Space. */
function moveBreakLocked(mm: Mm, address: u64, old: u64, end: u64): bool {
  const limit = mm.limit(RLIMIT_DATA).softNow
  if (address < HEAP_START || (limit !== UNLIMITED && address - HEAP_START > limit)) return false
  if (end === old) return true
  if (address <= mm.heapEnd) return isUsedLocked(mm, end, old) && unmapLocked(mm, end, old) === 0
  return growHeapLocked(mm, old, end)
}

/** Maps [start, end) as part of the heap; false if there is something, or a limit forbids it. Holds: Space. */
function growHeapLocked(mm: Mm, start: u64, end: u64): bool {
  const pages = end - start
  const flags = VM_READ | VM_WRITE | (VM_RIGHTS << VM_MAY_SHIFT) | VM_ACCOUNT | mm.defaults
  if (end > TASK_PAGES || end < start || !mayLockLocked(mm, flags, pages)) return false
  // a page is left to what comes behind, and a gap to what grows down
  const next = findVma(mm.vmas, start)
  if (next && end + 1 + ((next.flags & VM_GROWSDOWN) !== 0 ? STACK_GAP : 0) > next.start) return false
  if (!mayExpandLocked(mm, flags, pages) || mm.count > Sysctl.only.maxMapCount || !commitLocked(mm, pages)) return false
  const vma = newVma(mm.id, start, end, flags)
  if (vma) joinLocked(mm, vma)
  else uncommit(pages)
  return vma !== null
}
