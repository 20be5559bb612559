// Frames for users' pages: the one way to them. The process's control group pays for each. Takes: Zone.
import { Cpu, SHORT_OF_MEMORY } from '../sync/cpu'
import { Frame } from './frame'
import { charge, Group, noteEvent, uncharge } from './group'
import { allocFrame } from './pcp'
import { Need } from './zone'

/** A frame for a user's page, Raw, with one reference, its bytes stale; null if there is none: then the call fails, and may be repeated, see entry/call. Takes: Zone. */
export function allocUser(): Frame | null {
  return allocUserFor(Cpu.current.group)
}

/** As allocUser, for a page that a control group of this number pays for, whosever call it is. */
export function allocUserFor(number: u32): Frame | null {
  return number === 0 ? allocFrame(Need.User) : allocCharged(number)
}

/** A frame that a control group pays for. */
function allocCharged(number: u32): Frame | null {
  const group = Group.at(number)
  if (!charge(group)) {
    noteEvent(group, offsetof<Group>('maxEvents'))
    Cpu.current.short = SHORT_OF_MEMORY + number
    return null
  }
  const frame = allocFrame(Need.User)
  if (frame) frame.group = <u8>number
  else uncharge(group)
  return frame
}
