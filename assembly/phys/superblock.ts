// The superblock: what a thread checks before it trusts a memory, and the machine's own numbers.
import { SUPERBLOCK } from '../abi/layout'

/** First of all structs. Immutable once the machine runs, but for the panic words, and those that say how it reclaims. */
@unmanaged
@final
export class Superblock {
  /** struct Panic; guard: see lib/bug. */
  panicCode: u32
  panicFirst: u32
  panicSecond: u32
  magic: u32
  abi: u32
  /** Hash of the layouts of all structs the host knows. */
  layoutHash: u32
  /** How many frames there are, reserved ones included. */
  frames: u32
  /** Frames that users' pages can have, before anything took any. */
  usable: u32
  /** Frames below this have bytes; all of them, unless the machine is without contents. */
  lowFrames: u32
  /** The zone of users' pages: 0, or 1 in a machine without contents. */
  userZone: u32
  /** How many CPUs there are, kswapd's included. */
  cpus: u32
  /** The CPU that only kswapd's thread takes; 0 if it has none, and runs in the threads of others. */
  kswapdCpu: u32
  /** Address of the page of zeros. */
  zeroPage: u32
  /** Address of the page that takes what is written to frames without bytes; 0 if all have some. */
  sinkPage: u32
  /** Address of one u32 a frame, behind the last frame with bytes, in which validate() counts. */
  tally: u32
  /** Whether users' pages are kept in lists by use: from the first swap area, limit or policy on. Guard: written while the machine is stopped. */
  aging: u32
  /** What is left out of the policy: bits of abi/mechanism. Guard: as aging. */
  without: u32
  /** Control groups have numbers below this. Guard: as aging. */
  groups: u32
  /** With which group reclaim under linux-6.12-mglru begins next. Guard: racy. */
  nextGroup: u32

  /** The policy of `policy/` that evicts users' pages, its number plus one; 0 for Linux's ways. Guard: immutable. */
  policy: u32
  /** Address of its memory, bytes of that, and the most slots there is room for; behind it stand the table of frames, and a page for each CPU. Guard: immutable. */
  policyAt: usize
  policyBytes: usize
  maxSlots: u32

  @inline
  static get only(): Superblock {
    return changetype<Superblock>(SUPERBLOCK)
  }
}
