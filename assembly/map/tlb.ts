// The software TLB: per CPU, direct-mapped, tagged with the address space, so that a thread which
// runs several processes need not flush between them. An entry lets a write through only after
// the page-table entry was made dirty. An address space runs on one CPU, so taking a mapping away
// means a flush on that CPU alone. Guard: the CPU's thread.
import { CPU_TLB, PAGE_SIZE } from '../abi/layout'
import { readablePage, writablePage } from '../phys/contents'
import { Cpu } from '../sync/cpu'

/** Entries of a TLB. */
const ENTRIES: u32 = 512

/** One entry: 16 bytes. */
@unmanaged
@final
export class TlbEntry {
  /** Page number and address space; 0 if the entry is empty. */
  tag: u64
  /** Address of the page's bytes, for reading. */
  page: u32
  /** Address of the page's bytes, for writing; 0 if writes may not use the entry. */
  target: u32

  @inline
  static of(cpu: Cpu, vpn: u64, space: u32): TlbEntry {
    const slot = (<u32>vpn ^ (space >> 6)) & (ENTRIES - 1)
    return changetype<TlbEntry>(changetype<usize>(cpu) + CPU_TLB + slot * 16)
  }
}

/** The tag of a page of the address space whose struct stands at `space`, a multiple of 64: 35 bits of page number below 26. */
export function tagOf(vpn: u64, space: u32): u64 {
  return vpn | ((<u64>(space >> 6)) << 35)
}

/** Fills the entry of a page that a frame holds. */
export function fillTlb(vpn: u64, space: u32, pfn: u32, writable: bool): void {
  const entry = TlbEntry.of(Cpu.current, vpn, space)
  entry.tag = tagOf(vpn, space)
  entry.page = <u32>readablePage(pfn)
  entry.target = writable ? <u32>writablePage(pfn) : 0
}

/** Forgets a page. */
export function flushPage(vpn: u64, space: u32): void {
  const entry = TlbEntry.of(Cpu.current, vpn, space)
  if (entry.tag === tagOf(vpn, space)) entry.tag = 0
}

/** Forgets everything on this CPU. */
export function flushAll(): void {
  memory.fill(changetype<usize>(Cpu.current) + CPU_TLB, 0, ENTRIES * 16)
}

if (ENTRIES * 16 > 2 * PAGE_SIZE) ERROR('the TLB is larger than its part of the CPU block')
