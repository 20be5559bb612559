// The zones of physical memory, as /proc/zoneinfo shows them.
import { CPU_PCP, CPU_SIZE, CPUS, PCP_SIZE, SUPERBLOCK, ZONE_SIZE, ZONES } from '../abi/layout.gen.js'
import type { Kernel } from '../core/kernel.js'
import { PerCpuFramesLayout, SuperblockLayout, ZoneLayout } from '../core/layout.gen.js'

/** A zone; all numbers but `cpuFrames` are in frames. */
export interface ZoneInfo {
  /** `Normal`: frames with bytes. `HighMem`: frames without, which a machine without contents has. */
  name: 'Normal' | 'HighMem'
  /** The zone's first frame. */
  first: number
  /** How many frames the zone has. */
  managed: number
  /** Free frames of the zone, those on CPUs' stacks left out. */
  free: number
  /** Watermarks: below `min` only the kernel takes frames, below `low` reclaim begins, at `high` it rests. */
  min: number
  low: number
  high: number
  /** Frames on each CPU's stack. */
  cpuFrames: number[]
}

/** Reads the zones of a machine; other threads may be in calls. */
export function readZones({ view }: Kernel): ZoneInfo[] {
  const word = (address: number): number => view.getUint32(address, true)
  const names = word(SUPERBLOCK + SuperblockLayout.userZone) === 0 ? (['Normal'] as const) : (['Normal', 'HighMem'] as const)
  const cpus = word(SUPERBLOCK + SuperblockLayout.cpus)
  return names.map((name, index) => {
    const field = (offset: number): number => word(ZONES + index * ZONE_SIZE + offset)
    const stack = (cpu: number): number => {
      const at = CPUS + cpu * CPU_SIZE + CPU_PCP + index * PCP_SIZE
      return (word(at + PerCpuFramesLayout.top) - at - PerCpuFramesLayout.SIZE) / 4 + Number(word(at + PerCpuFramesLayout.hot) !== 0)
    }
    const first = field(ZoneLayout.first)
    return {
      name,
      first,
      managed: field(ZoneLayout.end) - first,
      free: field(ZoneLayout.free),
      min: field(ZoneLayout.min),
      low: field(ZoneLayout.low),
      high: field(ZoneLayout.high),
      cpuFrames: Array.from({ length: cpus }, (_, cpu) => stack(cpu)),
    }
  })
}
