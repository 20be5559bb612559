// Frames of private pages, before they are mapped. Takes: Zone.
import { Vma } from '../map/vma'
import { Frame, PG_SWAPBACKED, State } from '../phys/frame'
import { allocUserFor } from '../phys/user'

/** A frame for a private page of a VMA that has a family, with these flags, which a control group pays for, its bytes stale, in no list; null if there is no memory. */
export function newPrivate(vma: Vma, vpn: u64, flags: u32, payer: u32): Frame | null {
  const frame = allocUserFor(payer)
  if (!frame) return null
  frame.stampUser(State.Anonymous, changetype<u32>(vma.family), PG_SWAPBACKED | flags)
  frame.index = vma.indexOf(vpn)
  return frame
}
