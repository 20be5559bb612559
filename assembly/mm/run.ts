// A batch of page references, executed as the CPU would execute loads and stores, but without the
// bytes: each finds its page in the TLB, or by a walk of the tables, or by a fault. No bytes are
// touched, so no section is open, and other CPUs wait for nothing here. From its first fault to its end a
// batch is one call, so that each fault need not begin one. Takes: Space, by faults.
import { ENOMEM, ESRCH } from '../abi/errno'
import { PAGE_SHIFT } from '../abi/layout'
import { TASK_PAGES } from '../abi/limits'
import { BUS_ADRERR, SEGV_MAPERR } from '../abi/signal'
import { PGFAULT, PGMAJFAULT } from '../abi/vmstat'
import { TlbEntry, tagOf } from '../map/tlb'
import { makeRoomForUse, noteUse } from '../phys/uses'
import { counted } from '../phys/vmstat'
import { Cpu, SHORT_OF_SLOTS } from '../sync/cpu'
import { reserve } from '../sync/host'
import { fail } from './access'
import { faultInside } from './fault'
import { serve } from './faultRun'
import { pageAt, RunCounts, writesAt } from './reference'
import { Mm } from './space'

/** What is done beside each reference of a batch: nothing. */
@unmanaged
@final
export class Unwatched {
  @inline
  before(cpu: Cpu): void {}

  @inline
  after(cpu: Cpu, vpn: u64, space: u32): void {}

  /** Whether the batch is to stop behind a reference that the TLB did not serve. */
  @inline
  stops(cpu: Cpu): bool {
    return false
  }
}

/** What is done beside each reference of a batch where a policy sees every access. */
@unmanaged
@final
export class Watched {
  @inline
  before(cpu: Cpu): void {
    makeRoomForUse(cpu)
  }

  @inline
  after(cpu: Cpu, vpn: u64, space: u32): void {
    noteUse(cpu, TlbEntry.indexOf(vpn, space))
  }

  /** A batch stops where the policy gave up pages, as it does for want of memory, lest they are used once more. */
  stops(cpu: Cpu): bool {
    if ((cpu.short & SHORT_OF_SLOTS) === 0) return false
    cpu.faultCode = -ENOMEM
    return true
  }
}

/**
 * Executes those of `count` references in the CPU's buffer that are behind the first `before`, which were executed before; returns
 * how many were up to a bad one. A reference is a page number, counted from page `base`, and in the highest bit of a T
 * whether it writes. W is what is done beside it.
 */
export function run<T, W>(mm: Mm, base: u64, before: u32, count: u32): u32 {
  const cpu = Cpu.current
  const counts = RunCounts.of(cpu)
  const space = mm.id
  const tag = tagOf(0, space)
  const first = cpu.buffer
  const end = first + <usize>count * sizeof<T>()
  let at = first + <usize>before * sizeof<T>()
  if (before === 0) counts.reset()
  const faults = counted(PGFAULT)
  const majorFaults = counted(PGMAJFAULT)
  let misses: u32 = 0
  // for all its faults
  reserve(false)
  for (; at < end; at += sizeof<T>()) {
    const vpn = pageAt<T>(at, base)
    const write = writesAt<T>(at)
    const entry = TlbEntry.of(cpu, vpn, space)
    // the entry may go at the same time: then the reference came just before, as no bytes are touched
    changetype<W>(0).before(cpu)
    if (entry.tag === (vpn | tag) && entry.lets(write) && vpn < TASK_PAGES) {
      changetype<W>(0).after(cpu, vpn, space)
      continue
    }
    const next = serve<T>(mm, base, at, end)
    if (next !== at) {
      at = next - sizeof<T>()
      continue
    }
    if (!miss(mm, vpn, write !== 0)) break
    misses++
    changetype<W>(0).after(cpu, vpn, space)
    if (changetype<W>(0).stops(cpu)) {
      at += sizeof<T>()
      break
    }
  }
  cpu.end()
  const done = <u32>(at - first) / sizeof<T>()
  // a SIGBUS was counted as a fault, but served nothing
  const bad = <u32>(at < end && cpu.faultCode === BUS_ADRERR)
  const served = <u32>(counted(PGFAULT) - faults) - bad
  const major = <u32>(counted(PGMAJFAULT) - majorFaults)
  counts.majorFaults += major
  counts.minorFaults += served - major
  counts.walks += misses - served
  counts.hits = done - counts.walks - counts.minorFaults - counts.majorFaults
  return done
}

/** Executes a reference that the TLB does not serve; false if it is bad. */
function miss(mm: Mm, vpn: u64, write: bool): bool {
  const cpu = Cpu.current
  const begun = cpu.entered !== 0 || cpu.begin()
  const error = !begun ? -ESRCH : vpn < TASK_PAGES ? faultInside(mm, vpn, write) : SEGV_MAPERR
  if (error === 0) return true
  fail(vpn << PAGE_SHIFT, error, write)
  return false
}
