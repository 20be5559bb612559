// GENERATED from the core's struct classes by the build; do not edit. Offsets and sizes in bytes.

/** Field offsets of the core's struct Replay. */
export const ReplayLayout = {
  SIZE: 52,
  slots: 0,
  taken: 4,
  pageOf: 8,
  where: 12,
  end: 16,
  misses: 20,
  evictions: 24,
  dirtyEvictions: 28,
  freed: 32,
  freedCount: 36,
  refusals: 40,
  sink: 44,
  fault: 48,
} as const

/** Field offsets of the core's struct IdMap. */
export const IdMapLayout = {
  SIZE: 36,
  pages: 0,
  limit: 4,
  keys: 8,
  bits: 12,
  maximum: 16,
  writes: 24,
  sink: 32,
} as const

/** Field offsets of the core's struct Superblock. */
export const SuperblockLayout = {
  SIZE: 56,
  panicCode: 0,
  panicFirst: 4,
  panicSecond: 8,
  magic: 12,
  abi: 16,
  layoutHash: 20,
  frames: 24,
  usable: 28,
  lowFrames: 32,
  userZone: 36,
  cpus: 40,
  zeroPage: 44,
  sinkPage: 48,
  tally: 52,
} as const

/** Field offsets of the core's struct Zone. */
export const ZoneLayout = {
  SIZE: 28,
  word: 0,
  free: 4,
  first: 8,
  end: 12,
  min: 16,
  low: 20,
  high: 24,
} as const

/** Field offsets of the core's struct PerCpuFrames. */
export const PerCpuFramesLayout = {
  SIZE: 12,
  top: 0,
  last: 4,
  batch: 8,
} as const

/** Field offsets of the core's struct Cpu. */
export const CpuLayout = {
  SIZE: 64,
  id: 0,
  taken: 4,
  entered: 8,
  attention: 12,
  killedBy: 16,
  status: 20,
  section: 24,
  parallel: 28,
  held: 32,
  faultAddress: 40,
  faultCode: 48,
  extra: 52,
  value: 56,
} as const

/** Field offsets of the core's struct RunCounts. */
export const RunCountsLayout = {
  SIZE: 16,
  hits: 0,
  walks: 4,
  minorFaults: 8,
  majorFaults: 12,
} as const

/** Field offsets of the core's struct FileStat. */
export const FileStatLayout = {
  SIZE: 64,
  dev: 0,
  ino: 4,
  mode: 8,
  nlink: 12,
  uid: 16,
  gid: 20,
  rdev: 24,
  pages: 28,
  size: 32,
  atime: 40,
  mtime: 48,
  ctime: 56,
} as const

/** Field offsets of the core's struct ShmStat. */
export const ShmStatLayout = {
  SIZE: 72,
  key: 0,
  uid: 4,
  gid: 8,
  cuid: 12,
  cgid: 16,
  mode: 20,
  seq: 24,
  cpid: 28,
  lpid: 32,
  nattch: 36,
  segsz: 40,
  atime: 48,
  dtime: 56,
  ctime: 64,
} as const

/** Field offsets of the core's struct ShmUsage. */
export const ShmUsageLayout = {
  SIZE: 12,
  usedIds: 0,
  totalPages: 4,
  residentPages: 8,
} as const

/** Field offsets of the core's struct IdentityReport. */
export const IdentityReportLayout = {
  SIZE: 32,
  parent: 0,
  uid: 4,
  euid: 8,
  suid: 12,
  gid: 16,
  egid: 20,
  sgid: 24,
  groupCount: 28,
} as const

/** Field offsets of the core's struct Finding. */
export const FindingLayout = {
  SIZE: 8,
  first: 0,
  second: 4,
} as const

/** Field offsets of the core's struct Mrc. */
export const MrcLayout = {
  SIZE: 64,
  pages: 0,
  live: 4,
  now: 8,
  slots: 12,
  histogram: 16,
  limit: 20,
  compactions: 24,
  event: 28,
  sink: 32,
  gap: 40,
  sampled: 48,
  weight: 56,
} as const

/** Field offsets of the core's struct Event. */
export const EventLayout = {
  SIZE: 16,
  page: 0,
  victim: 4,
  gap: 8,
} as const
