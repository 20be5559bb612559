// What reclaim asks of one frame and does to it, for tests. Right only while no other thread is in a call.
import { EINVAL, ENOMEM } from '../abi/errno'
import { allocSwap, freeSwap, putPrivate } from '../map/swap'
import { referenced, unmapFrame } from '../mm/rmap'
import { Frame, PG_DIRTY, PG_SWAPCACHE, State } from '../phys/frame'
import { Superblock } from '../phys/superblock'

/** The user's frame with a number, with a reference for the caller; null if it is none. */
function holdFrame(pfn: u32): Frame | null {
  if (pfn >= Superblock.only.frames) return null
  const frame = Frame.at(pfn)
  if (!frame.isUsers) return null
  frame.addRef()
  return frame
}

/** What `referenced` finds of a user's frame; EINVAL if it is none. */
export function probeReferenced(pfn: u32): f64 {
  const frame = holdFrame(pfn)
  if (!frame) return -EINVAL
  const found = referenced(frame)
  putPrivate(frame)
  return found
}

/** Takes a user's frame out of all page tables, a private page's to stay in the swap cache; whether nothing maps it then. EINVAL if it is none, ENOMEM if no slot is free. */
export function probeUnmap(pfn: u32): i32 {
  const frame = holdFrame(pfn)
  if (!frame) return -EINVAL
  const cached = frame.state === State.Object || frame.has(PG_SWAPCACHE)
  const entry: u32 = cached ? frame.swap : allocSwap(frame, true)
  if (!cached && entry !== 0) frame.setFlags(PG_DIRTY)
  const unmapped: i32 = cached || entry !== 0 ? <i32>unmapFrame(frame, entry) : -ENOMEM
  if (!cached && entry !== 0) freeSwap(entry)
  putPrivate(frame)
  return unmapped
}
