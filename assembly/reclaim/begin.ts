// From when on a machine reclaims memory: its first swap area, or limit, or when its policy is chosen.
import { startAging } from '../phys/lru'
import { Zone } from '../phys/zone'
import { evictVictims } from './victims'

/** Has the machine, all of whose other threads stand still, keep its pages in lists, and wake kswapd. Takes: Lru. */
export function beginReclaim(): void {
  startAging()
  evictVictims()
  Zone.ofUsers.chooseEasy()
}
