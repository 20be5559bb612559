// The machine's settings below vm and kernel, with Linux's defaults. A reader takes the value of
// the moment, once a call; those of System V segments stand in their namespace.
import { PAGE_SHIFT, PID_MAX, SYSCTL } from '../abi/layout'

/** The settings. Guard: single words, written by sysctl and read racily. */
@unmanaged
@final
export class Sysctl {
  /** vm.overcommit_kbytes: KiB. */
  overcommitKbytes: u64
  /** vm.admin_reserve_kbytes and vm.user_reserve_kbytes: KiB of mode 2's limit that are not for others than root, and for the largest process. */
  adminReserveKbytes: u64
  userReserveKbytes: u64
  /** vm.mmap_min_addr: bytes, any number of them. */
  mmapMinAddr: u64
  /** vm.overcommit_memory: 0, 1 or 2. */
  overcommitMemory: u32
  /** vm.overcommit_ratio: per cent; Linux takes negative ones too. */
  overcommitRatio: i32
  /** vm.max_map_count: a process has at most one mapping more. */
  maxMapCount: u32
  /** kernel.pid_max: pids are below. */
  pidMax: u32
  /** vm.page-cluster: so many pages are read from swap at once, as a power of two. */
  pageCluster: u32
  /** vm.swappiness: 0 to 200. */
  swappiness: u32

  @inline
  static get only(): Sysctl {
    return changetype<Sysctl>(SYSCTL)
  }
}

/** Gives every setting its default, in a machine with so many free frames. */
export function initSysctl(free: u32): void {
  const sysctl = Sysctl.only
  const kilobytes = (<u64>free) << (PAGE_SHIFT - 10)
  sysctl.adminReserveKbytes = min<u64>(kilobytes / 32, 8 << 10)
  sysctl.userReserveKbytes = min<u64>(kilobytes / 32, 128 << 10)
  sysctl.mmapMinAddr = 4096
  sysctl.overcommitRatio = 50
  sysctl.maxMapCount = 65530
  sysctl.pidMax = PID_MAX
  sysctl.pageCluster = kilobytes < 16 << 10 ? 2 : 3
  sysctl.swappiness = 60
}
