// VMAs that grow down when a page below them is touched: Linux's expand_downwards (mm/vma.c). Holds: Space.
import { PAGE_SHIFT } from '../abi/layout'
import { STACK_GAP } from '../abi/limits'
import { RLIMIT_STACK } from '../abi/resource'
import { VM_ACCOUNT, VM_GROWSDOWN, VM_RIGHTS, Vma } from '../map/vma'
import { Sysctl } from '../phys/sysctl'
import { commitLocked, mayExpandLocked, mayLockLocked } from './limits'
import { before, prepareAnonLocked, resizeLocked } from './merge'
import { Mm } from './space'

/**
 * Makes a VMA that grows down reach a page below it; false if it does not grow, if it would come too near to what lies
 * below, or a limit forbids it: RLIMIT_STACK, RLIMIT_AS, RLIMIT_MEMLOCK, or what may be promised.
 */
export function growDownLocked(mm: Mm, vma: Vma, vpn: u64): bool {
  if ((vma.flags & VM_GROWSDOWN) === 0 || vpn << PAGE_SHIFT < Sysctl.only.mmapMinAddr) return false
  const below = before(mm, vma)
  const guarded = below !== null && (below.flags & VM_GROWSDOWN) === 0 && (below.flags & VM_RIGHTS) !== 0
  if (guarded && below && vpn - below.end < STACK_GAP) return false
  // before limits are asked, as Linux does: fork copies its pages from now on
  if (!prepareAnonLocked(mm, vma)) return false
  const pages = vma.start - vpn
  if (pages > vma.offset || !mayExpandLocked(mm, vma.flags, pages)) return false
  if ((vma.end - vpn) << PAGE_SHIFT > mm.limit(RLIMIT_STACK).softNow || !mayLockLocked(mm, vma.flags, pages)) return false
  if ((vma.flags & VM_ACCOUNT) !== 0 && !commitLocked(mm, pages)) return false
  resizeLocked(mm, vma, vpn, vma.end)
  return true
}
