// Loads and stores of a process: the CPU. A page in the TLB is used at once, within a section; any
// other is faulted in first. A failing access leaves its address and code (of abi/signal, or -ENOMEM)
// in the CPU block.
import { PAGE_SIZE } from '../abi/layout'
import { TASK_PAGES } from '../abi/limits'
import { SEGV_MAPERR } from '../abi/signal'
import { TlbEntry, tagOf } from '../map/tlb'
import { Cpu } from '../sync/cpu'
import { fault } from './fault'
import { Mm } from './space'

const OFFSET: u64 = PAGE_SIZE - 1

/**
 * Linear address of a user's address, which stands until the caller, who is in a section now, closes it;
 * 0, and no section, if the access fails. Takes: Space.
 */
export function translate(mm: Mm, address: u64, write: bool): usize {
  const vpn = address >> 12
  // a tag has room for the pages of a process, not for more
  if (vpn >= TASK_PAGES) return fail(address, SEGV_MAPERR)
  const tag = tagOf(vpn, mm.id)
  const entry = TlbEntry.of(Cpu.current, vpn, mm.id)
  while (true) {
    Cpu.current.openSection()
    const page: usize = write ? entry.target : entry.page
    if (entry.is(tag) && page !== 0) return page + <usize>(address & OFFSET)
    Cpu.current.closeSection()
    const error = fault(mm, vpn, write)
    if (error !== 0) return fail(address, error)
  }
}

/** Notes a bad access, for the host. Returns 0. */
export function fail(address: u64, error: i32): usize {
  Cpu.current.faultAddress = <f64>address
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
    const part = min(bytes - done, PAGE_SIZE - <u32>(at & OFFSET))
    if (write) memory.copy(user, buffer + done, part)
    else memory.copy(buffer + done, user, part)
    Cpu.current.closeSection()
    done += part
  }
  return done
}
