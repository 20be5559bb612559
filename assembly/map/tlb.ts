// The software TLB: per CPU, direct-mapped, tagged with the address space, so that a thread which
// runs several processes need not flush between them. An entry lets a write through only after the
// page-table entry was made dirty.
//
// Other CPUs may take a mapping away. So a thread that uses an entry is in a *section* while it does;
// who takes the mapping away clears the page-table entry, then the TLB entry, then waits until a section
// that it finds open is over: from then on nobody reaches the frame through it. A section takes no lock
// and waits for nothing. While only one CPU was ever taken, sections are left out.
// Guard: entries are filled by the CPU's thread under the space's Tables lock; cleared by anyone who holds that.
import { TLB_FLUSH } from '../abi/event'
import { CPU_TLB, PAGE_SHIFT, PAGE_SIZE } from '../abi/layout'
import { readablePage, writablePage } from '../phys/contents'
import { TraceEvent } from '../phys/trace'
import { noteEntry } from '../phys/uses'
import { Cpu } from '../sync/cpu'

/** Entries of a TLB. */
const ENTRIES: u32 = 512

/** One entry: 16 bytes. */
@unmanaged
@final
export class TlbEntry {
  /** Page number and address space; 0 if the entry is empty. Guard: atomic. */
  tag: u64
  /** Address of the page's bytes, for reading. */
  page: u32
  /** Address of the page's bytes, for writing; 0 if writes may not use the entry. */
  target: u32

  @inline
  static of(cpu: Cpu, vpn: u64, space: u32): TlbEntry {
    return changetype<TlbEntry>(changetype<usize>(cpu) + CPU_TLB + TlbEntry.indexOf(vpn, space) * 16)
  }

  /** Which entry is for a page. */
  @inline
  static indexOf(vpn: u64, space: u32): u32 {
    return (<u32>vpn ^ (space >> 6)) & (ENTRIES - 1)
  }

  /** Whether the entry is for this tag. */
  @inline
  is(tag: u64): bool {
    return atomic.load<u64>(changetype<usize>(this)) === tag
  }

  /** Makes it the entry of a tag, whose page a frame holds. Holds: Tables of the space. */
  @inline
  fill(tag: u64, pfn: u32, writable: bool): void {
    this.page = <u32>readablePage(pfn)
    this.target = writable ? <u32>writablePage(pfn) : 0
    if (Cpu.alone) this.tag = tag
    else atomic.store<u64>(changetype<usize>(this), tag)
  }

  /** Makes the CPUs of a set, a bit each, forget a page; on return their threads do not use it any more. Holds: Tables of the space. */
  @inline
  static flush(cpus: u32, vpn: u64, space: u32): void {
    const me = Cpu.current
    const own = me.bit
    if ((cpus & own) !== 0) {
      const entry = TlbEntry.of(me, vpn, space)
      if (entry.tag === tagOf(vpn, space)) entry.tag = 0
    }
    if ((cpus & ~own) !== 0) flushOthers(cpus & ~own, vpn, space)
  }

  /** Whether the entry lets a read (0) or a write (1) through, if it is for the page. */
  @inline
  lets(write: u32): bool {
    return load<u32>(changetype<usize>(this) + ((<usize>write) << 2), offsetof<TlbEntry>('page')) !== 0
  }
}

/** The tag of a page of the address space whose struct stands at `space`, a multiple of 64: 35 bits of page number below 26. */
export function tagOf(vpn: u64, space: u32): u64 {
  return vpn | ((<u64>(space >> 6)) << 35)
}

/** Returns once the section that another CPU's thread may be in is over; so it is if the thread is gone. */
function awaitSection(cpu: Cpu): void {
  const section = atomic.load<u32>(changetype<usize>(cpu), offsetof<Cpu>('section'))
  if ((section & 1) !== 0) cpu.awaitChange(offsetof<Cpu>('section'), section)
}

/** Fills the entry of a page, which a frame holds, in this CPU's TLB. Holds: Tables of the space. */
export function fillTlb(vpn: u64, space: u32, pfn: u32, writable: bool): void {
  noteEntry(Cpu.current, TlbEntry.indexOf(vpn, space), pfn)
  TlbEntry.of(Cpu.current, vpn, space).fill(tagOf(vpn, space), pfn, writable)
}

/** As TlbEntry.flush, which is for where it must be fast. Holds: Tables of the space. */
export function flushPage(cpus: u32, vpn: u64, space: u32): void {
  TlbEntry.flush(cpus, vpn, space)
}

/** As flushPage, for CPUs that are not this one: all are told before any is waited for. */
function flushOthers(cpus: u32, vpn: u64, space: u32): void {
  const tag = tagOf(vpn, space)
  for (let rest = cpus; rest !== 0; rest &= rest - 1) {
    const cpu = Cpu.at(ctz(rest))
    const entry = TlbEntry.of(cpu, vpn, space)
    // looked at first, as most have it not: none gets it while we have the tables
    if (entry.is(tag) && atomic.cmpxchg<u64>(changetype<usize>(entry), tag, 0) === tag)
      TraceEvent.note(TLB_FLUSH, vpn << PAGE_SHIFT, cpu.id)
  }
  for (let rest = cpus; rest !== 0; rest &= rest - 1) awaitSection(Cpu.at(ctz(rest)))
}

/** Makes another CPU, whose thread is in no call and begins none, forget everything; on return it uses no translation any more. */
export function flushCpu(cpu: Cpu): void {
  const entries = changetype<usize>(cpu) + CPU_TLB
  for (let i: u32 = 0; i < ENTRIES; i++) atomic.store<u64>(entries + i * 16, 0)
  awaitSection(cpu)
}

/** Forgets everything on this CPU. */
export function flushAll(): void {
  memory.fill(changetype<usize>(Cpu.current) + CPU_TLB, 0, ENTRIES * 16)
}

if (ENTRIES * 16 > 2 * PAGE_SIZE) ERROR('the TLB is larger than its part of the CPU block')
