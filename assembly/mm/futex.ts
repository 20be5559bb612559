// What a word of memory is known by to those who wait on it, and what it holds: kernel/futex/core.c,
// get_futex_key. Takes: Space, by faults; Tables.
import { EFAULT } from '../abi/errno'
import { PAGE_SIZE } from '../abi/layout'
import { FutexKey } from '../ipc/bucket'
import { Inode } from '../map/inode'
import { isNobody } from '../map/mapping'
import { lookUp } from '../map/pagetable'
import { isPresent, pfnOf } from '../map/pte'
import { flushPage } from '../map/tlb'
import { VM_READ } from '../map/vma'
import { findVma } from '../map/vmaTree'
import { readablePage } from '../phys/contents'
import { Frame, State } from '../phys/frame'
import { Cpu } from '../sync/cpu'
import { Rank } from '../sync/lockdep'
import { translate } from './access'
import { Mm } from './space'

const OFFSET: u64 = PAGE_SIZE - 1

/** Makes a page present for reading or writing; 0 or -errno. */
function present(mm: Mm, address: u64, write: bool): i32 {
  if (translate(mm, address, write) !== 0) {
    Cpu.current.closeSection()
    return 0
  }
  const code = <i32>Cpu.current.faultCode
  return code < 0 ? code : -EFAULT
}

/** Whether anything is mapped at a page: what grows down does not grow for this. */
function isMapped(mm: Mm, vpn: u64): bool {
  mm.lockShared(Rank.Space)
  const vma = findVma(mm.vmas, vpn)
  const mapped = vma !== null && vma.start <= vpn
  mm.unlockShared(Rank.Space)
  return mapped
}

/** Whether Linux would get at a page to read it: one that is present, or of a VMA that may be read, not just executed. */
function isReadable(mm: Mm, vpn: u64): bool {
  mm.lockShared(Rank.Space)
  mm.tablesLock.lock(Rank.Tables)
  const present = isPresent(lookUp(mm.tables, vpn))
  mm.tablesLock.unlock(Rank.Tables)
  const vma = findVma(mm.vmas, vpn)
  const readable = present || (vma !== null && (vma.flags & VM_READ) !== 0)
  mm.unlockShared(Rank.Space)
  return readable
}

/**
 * Finds the key of the word at an address. 0; EFAULT if it cannot be read, or is private and can never
 * change, because it cannot be written; ENOMEM. Takes: Space, Tables.
 */
export function findKey(mm: Mm, address: u64, key: FutexKey): i32 {
  while (true) {
    if (!isMapped(mm, address >> 12)) return -EFAULT
    // a page that may be written becomes the process's own first, if it ever will
    let error = present(mm, address, true)
    const own = error === 0
    if (error === -EFAULT) error = isReadable(mm, address >> 12) ? present(mm, address, false) : -EFAULT
    if (error !== 0) return error
    mm.tablesLock.lock(Rank.Tables)
    const pte = lookUp(mm.tables, address >> 12)
    if (isPresent(pte)) error = makeKeyLocked(mm, address, Frame.at(pfnOf(pte)), own, key)
    mm.tablesLock.unlock(Rank.Tables)
    if (isPresent(pte)) return error
    // another thread has truncated the file since, or it went to swap; it does not know this TLB if this thread does not run the process
    flushPage(Cpu.current.bit, address >> 12, mm.id)
  }
}

/** Holds: Tables, so that the frame stays where it is. */
function makeKeyLocked(mm: Mm, address: u64, frame: Frame, own: bool, key: FutexKey): i32 {
  if (frame.state === State.Object) {
    // as Linux, of a page that is being truncated
    if (isNobody(frame.owner)) return -EFAULT
    const inode = changetype<Inode>(frame.owner)
    key.owner = changetype<u32>(inode.mount)
    key.id = inode.number
    key.at = ((<u64>(<u32>frame.index)) << 12) | (address & OFFSET)
    return 0
  }
  if (!own) return -EFAULT
  key.owner = mm.id
  key.id = mm.pid
  key.at = address
  return 0
}

/** The word at an address; -1 if its page is not present. Takes: Tables. */
export function peek(mm: Mm, address: u64): i64 {
  mm.tablesLock.lock(Rank.Tables)
  const pte = lookUp(mm.tables, address >> 12)
  const value: i64 = !isPresent(pte) ? -1 : <i64>atomic.load<u32>(readablePage(pfnOf(pte)) + <usize>(address & OFFSET))
  mm.tablesLock.unlock(Rank.Tables)
  return value
}
