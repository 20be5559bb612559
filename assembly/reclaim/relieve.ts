// What is done for a call or an access that was refused a frame, after it has failed and before it is repeated: the rest of
// Linux's __alloc_pages_slowpath. No lock is held. Takes: what evicting a page takes; Tasks.
import { drainLru } from '../phys/lru'
import { Superblock } from '../phys/superblock'
import { Cpu, SHORT_OF_LOW, SHORT_OF_MEMORY, SHORT_OF_SLOTS } from '../sync/cpu'
import { reserve } from '../sync/host'
import { isWorthwhile, MAX_RECLAIM_RETRIES, reclaimPages } from './direct'
import { balance } from './kswapd'
import { outOfMemory } from './oom'
import { evictVictims } from './victims'

/** Reclaims memory for who was refused a frame, for the reason in `Cpu.short`, or else kills somebody; whether another try may succeed. */
export function relieve(short: u32): bool {
  const cpu = Cpu.current
  reserve(false)
  if (!cpu.begin()) return false
  const helped = Superblock.only.policy !== 0 ? relieveByPolicy(cpu, short) : relieveAsLinux(cpu, short)
  cpu.end()
  return helped
}

/** Reclaims in Linux's ways, or kills somebody. */
function relieveAsLinux(cpu: Cpu, short: u32): bool {
  const group = short - SHORT_OF_MEMORY
  return short === SHORT_OF_LOW ? balanceFor(cpu) : reclaimFor(cpu, group) || outOfMemory(group)
}

/** Runs kswapd here, and lets the call take what is left below its watermarks. */
function balanceFor(cpu: Cpu): bool {
  cpu.urgency = 1
  balance()
  return true
}

/** Reclaims for a call that even so found no frame; false if that is vain. */
function reclaimFor(cpu: Cpu, group: u32): bool {
  cpu.stalls++
  if (Superblock.only.aging === 0 || (group === 0 && !isWorthwhile())) return false
  if (reclaimPages(group, 1) !== 0) cpu.stalls = 0
  // a small group's pages may all wait in the batch
  else drainLru()
  cpu.target = 0
  return cpu.stalls <= MAX_RECLAIM_RETRIES
}

/** Evicts what a policy of its own gave up, if it was for nothing else, or lets the call take what is left below the watermarks. */
function relieveByPolicy(cpu: Cpu, short: u32): bool {
  if (evictVictims() || short === SHORT_OF_SLOTS) return true
  if (cpu.urgency !== 0) return outOfMemory(0)
  cpu.urgency = 1
  return true
}
