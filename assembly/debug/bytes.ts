// validate(): memory of any size, counted in the `tally` of its caches by all who have some.
import { BROKEN_BYTES } from '../abi/invariant'
import { kindOfBytes, orderOfBytes } from '../phys/bytes'
import { Frame, State } from '../phys/frame'
import { Cache, Kind } from '../phys/slab'
import { tallyHeld } from './frames'
import { broken } from './report'

/** Forgets what was accounted for. */
export function resetBytes(): void {
  for (let kind: u32 = Kind.Bytes64; kind <= <u32>Kind.Bytes2048; kind++) Cache.of(kind).tally = 0
}

/** Accounts for memory of any size; false if that is not in use, or something else's. */
export function tallyBytes(address: usize, bytes: u32): bool {
  const order = orderOfBytes(bytes)
  const frame = Frame.of(address)
  if (order >= 0) return frame.state === State.Raw && frame.owner === <u32>order && tallyHeld(frame.pfn)
  const cache = Cache.of(kindOfBytes(bytes))
  cache.tally++
  return frame.state === State.Slab && frame.owner === changetype<u32>(cache)
}

/** That there is no memory of any size but what was accounted for. */
export function checkBytes(): u32 {
  for (let kind: u32 = Kind.Bytes64; kind <= <u32>Kind.Bytes2048; kind++) {
    if (Cache.of(kind).tally !== Cache.of(kind).active) return broken(BROKEN_BYTES, kind, Cache.of(kind).tally)
  }
  return 0
}
