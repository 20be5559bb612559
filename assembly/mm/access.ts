// Loads and stores of a process: the CPU. A page in the TLB is used at once, within a section; any
// other is faulted in first. A failing access leaves its address and code (of abi/signal, or -ENOMEM)
// in the CPU block.
import { BUFFER_SIZE, PAGE_SIZE } from '../abi/layout'
import { TASK_PAGES } from '../abi/limits'
import { SEGV_MAPERR } from '../abi/signal'
import { TlbEntry, tagOf } from '../map/tlb'
import { makeRoomForUse, noteUse } from '../phys/uses'
import { Cpu } from '../sync/cpu'
import { reserve } from '../sync/host'
import { fault } from './fault'
import { Mm } from './space'

const OFFSET: u64 = PAGE_SIZE - 1

/** Bytes of a page up to an address behind some of them. */
function before(end: u64): u64 {
  return ((end - 1) & OFFSET) + 1
}

/** Bytes of a page from an address on. */
function behind(at: u64): u64 {
  return PAGE_SIZE - (at & OFFSET)
}

/**
 * Linear address of a user's address, which stands until the caller, who is in a section now, closes it;
 * 0, and no section, if the access fails. Takes: Space.
 */
export function translate(mm: Mm, address: u64, write: bool): usize {
  const vpn = address >> 12
  // a tag has room for the pages of a process, not for more
  if (vpn >= TASK_PAGES) return fail(address, SEGV_MAPERR, write)
  const tag = tagOf(vpn, mm.id)
  const entry = TlbEntry.of(Cpu.current, vpn, mm.id)
  const watched = Cpu.current.uses !== 0
  if (watched) makeRoomForUse(Cpu.current)
  while (true) {
    Cpu.current.openSection()
    const page: usize = write ? entry.target : entry.page
    if (entry.is(tag) && page !== 0) {
      if (watched) noteUse(Cpu.current, TlbEntry.indexOf(vpn, mm.id))
      return page + <usize>(address & OFFSET)
    }
    Cpu.current.closeSection()
    reserve(false)
    const error = fault(mm, vpn, write)
    if (error !== 0) return fail(address, error, write)
  }
}

/** Notes a bad access, for the host. Returns 0. */
export function fail(address: u64, error: i32, write: bool): usize {
  Cpu.current.faultAddress = <f64>address
  Cpu.current.faultWrite = write
  Cpu.current.faultCode = error
  return 0
}

/** Copies between a user's memory and a buffer; returns how many bytes it copied before a failing access. Takes: Space. */
export function copyUser(mm: Mm, address: u64, buffer: usize, bytes: u32, write: bool): u32 {
  let done: u32 = 0
  while (done < bytes) {
    const at = address + done
    const user = translate(mm, at, write)
    if (user === 0) break
    const part = min(bytes - done, <u32>behind(at))
    if (write) memory.copy(user, buffer + done, part)
    else memory.copy(buffer + done, user, part)
    Cpu.current.closeSection()
    done += part
  }
  return done
}

/** Makes all bytes of a range `value`; returns how many it did before a failing access. Takes: Space. */
export function fillUser(mm: Mm, address: u64, value: u8, bytes: u64): u64 {
  let done: u64 = 0
  while (done < bytes) {
    const at = address + done
    const user = translate(mm, at, true)
    if (user === 0) break
    const part = min(bytes - done, behind(at))
    memory.fill(user, value, <usize>part)
    Cpu.current.closeSection()
    done += part
  }
  return done
}

/**
 * Copies a range of a process within it, by way of the CPU's buffer, because a thread is in one section at a time.
 * From the end on, if the first bytes of what is copied would be overwritten before they are read. Returns
 * how many bytes it copied, from the end it began at, before a failing access; those are whole parts within
 * a page on both sides, so that nothing is written twice if the rest is tried again, by going on from what was `copied`. Takes: Space.
 */
export function copyWithin(mm: Mm, to: u64, from: u64, bytes: u64, copied: u64): u64 {
  const buffer = Cpu.current.buffer
  const backwards = to > from && to - from < bytes
  let done = copied
  while (done < bytes) {
    const left = bytes - done
    const part = min(left, backwards ? min(before(to + left), before(from + left)) : min(behind(to + done), behind(from + done)))
    const at = backwards ? left - part : done
    if (copyUser(mm, from + at, buffer, <u32>part, false) !== <u32>part) break
    if (copyUser(mm, to + at, buffer, <u32>part, true) !== <u32>part) break
    done += part
  }
  return done
}

if (BUFFER_SIZE < PAGE_SIZE) ERROR('the buffer holds no page')
