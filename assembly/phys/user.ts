// Frames for users' pages: the one way to them. Takes: Zone.
import { Frame } from './frame'
import { allocFrame } from './pcp'
import { Need } from './zone'

/** A frame for a user's page, Raw, with one reference, its bytes stale; null if there is none: then the call fails, and may be repeated, see entry/call. Takes: Zone. */
export function allocUser(): Frame | null {
  return allocFrame(Need.User)
}
