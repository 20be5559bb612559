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
  SIZE: 92,
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
  kswapdCpu: 44,
  zeroPage: 48,
  sinkPage: 52,
  tally: 56,
  aging: 60,
  without: 64,
  groups: 68,
  nextGroup: 72,
  policy: 76,
  policyAt: 80,
  policyBytes: 84,
  maxSlots: 88,
} as const

/** Field offsets of the core's struct Slots. */
export const SlotsLayout = {
  SIZE: 32,
  word: 0,
  slots: 4,
  taken: 8,
  freed: 12,
  freedCount: 16,
  frames: 20,
  first: 24,
  last: 28,
} as const

/** Field offsets of the core's struct Params. */
export const ParamsLayout = {
  SIZE: 8,
  pages: 0,
} as const

/** Field offsets of the core's struct Zone. */
export const ZoneLayout = {
  SIZE: 40,
  word: 0,
  free: 4,
  first: 8,
  end: 12,
  min: 16,
  low: 20,
  high: 24,
  easy: 28,
  failures: 32,
  kswapd: 36,
} as const

/** Field offsets of the core's struct PerCpuFrames. */
export const PerCpuFramesLayout = {
  SIZE: 16,
  top: 0,
  hot: 4,
  last: 8,
  batch: 12,
} as const

/** Field offsets of the core's struct Cpu. */
export const CpuLayout = {
  SIZE: 204,
  id: 0,
  taken: 4,
  entered: 8,
  attention: 12,
  killedBy: 16,
  status: 20,
  section: 24,
  walked: 28,
  readsSpace: 32,
  readsTables: 36,
  parallel: 40,
  held: 44,
  faultAddress: 48,
  faultCode: 56,
  extra: 60,
  value: 64,
  expected: 72,
  short: 80,
  urgency: 84,
  faultWrite: 88,
  pid: 92,
  group: 96,
  asleep: 100,
  thread: 104,
  file: 108,
  stalls: 112,
  target: 116,
  advice: 120,
  ages: 124,
  starved: 128,
  filled: 136,
  fillEnd: 144,
  viewer: 152,
  ring: 156,
  ringMask: 160,
  events: 168,
  tables: 176,
  tableCount: 180,
  uses: 184,
  useCount: 188,
  arrived: 192,
  haltAt: 196,
  halted: 200,
} as const

/** Field offsets of the core's struct TraceEvent. */
export const TraceEventLayout = {
  SIZE: 32,
  sequence: 0,
  event: 8,
  pid: 12,
  first: 16,
  second: 24,
} as const

/** Field offsets of the core's struct RunCounts. */
export const RunCountsLayout = {
  SIZE: 16,
  hits: 0,
  walks: 4,
  minorFaults: 8,
  majorFaults: 12,
} as const

/** Field offsets of the core's struct RequeueOrder. */
export const RequeueOrderLayout = {
  SIZE: 16,
  wake: 0,
  move: 4,
  compares: 8,
  expected: 12,
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

/** Field offsets of the core's struct RlimitReport. */
export const RlimitReportLayout = {
  SIZE: 16,
  soft: 0,
  hard: 8,
} as const

/** Field offsets of the core's struct DiskOrder. */
export const DiskOrderLayout = {
  SIZE: 20,
  backing: 0,
  blocks: 4,
  base: 8,
  pathLength: 12,
  nameLength: 16,
} as const

/** Field offsets of the core's struct PermReport. */
export const PermReportLayout = {
  SIZE: 28,
  key: 0,
  uid: 4,
  gid: 8,
  cuid: 12,
  cgid: 16,
  mode: 20,
  seq: 24,
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
  SIZE: 24,
  usedIds: 0,
  residentPages: 4,
  swappedPages: 8,
  totalPages: 16,
} as const

/** Field offsets of the core's struct ShmLimits. */
export const ShmLimitsLayout = {
  SIZE: 20,
  maxBytes: 0,
  maxPages: 8,
  maxSegments: 16,
} as const

/** Field offsets of the core's struct SemStat. */
export const SemStatLayout = {
  SIZE: 48,
  key: 0,
  uid: 4,
  gid: 8,
  cuid: 12,
  cgid: 16,
  mode: 20,
  seq: 24,
  nsems: 28,
  otime: 32,
  ctime: 40,
} as const

/** Field offsets of the core's struct SemLimits. */
export const SemLimitsLayout = {
  SIZE: 24,
  maxSets: 0,
  maxTotal: 4,
  maxPerSet: 8,
  maxOperations: 12,
  sets: 16,
  total: 20,
} as const

/** Field offsets of the core's struct MqAttributes. */
export const MqAttributesLayout = {
  SIZE: 16,
  flags: 0,
  maxMessages: 4,
  maxBytes: 8,
  count: 12,
} as const

/** Field offsets of the core's struct MsgStat. */
export const MsgStatLayout = {
  SIZE: 80,
  key: 0,
  uid: 4,
  gid: 8,
  cuid: 12,
  cgid: 16,
  mode: 20,
  seq: 24,
  sender: 28,
  receiver: 32,
  count: 36,
  bytes: 40,
  most: 48,
  sent: 56,
  received: 64,
  changed: 72,
} as const

/** Field offsets of the core's struct MsgLimits. */
export const MsgLimitsLayout = {
  SIZE: 24,
  maxBytes: 0,
  maxQueueBytes: 4,
  maxQueues: 8,
  queues: 12,
  count: 16,
  bytes: 20,
} as const

/** Field offsets of the core's struct SemOperation. */
export const SemOperationLayout = {
  SIZE: 8,
  num: 0,
  op: 2,
  flags: 4,
} as const

/** Field offsets of the core's struct Waiter. */
export const WaiterLayout = {
  SIZE: 84,
  prev: 0,
  next: 4,
  status: 8,
  ids: 12,
  bucket: 16,
  cred: 20,
  payload: 24,
  payloadBytes: 28,
  count: 32,
  blocking: 36,
  undo: 40,
  message: 44,
  receives: 48,
  cuts: 49,
  search: 52,
  room: 56,
  type: 64,
  file: 72,
  ownPrev: 76,
  ownNext: 80,
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

/** Field offsets of the core's struct OomKill. */
export const OomKillLayout = {
  SIZE: 44,
  number: 0,
  pid: 4,
  cpu: 8,
  uid: 12,
  total: 16,
  anonymous: 24,
  shared: 28,
  tables: 32,
  adjust: 36,
  group: 40,
} as const

/** Field offsets of the core's struct Group. */
export const GroupLayout = {
  SIZE: 80,
  word: 0,
  anonCost: 4,
  fileCost: 8,
  age: 12,
  activatedAnon: 16,
  activatedFile: 20,
  isUsed: 24,
  usage: 28,
  limit: 32,
  swappiness: 36,
  members: 40,
  maxEvents: 44,
  oomEvents: 48,
  oomKills: 52,
  nameBytes: 56,
  swapUsage: 60,
  swapLimit: 64,
  swapMaxEvents: 68,
  swapFailEvents: 72,
  generations: 76,
} as const

/** Field offsets of the core's struct GroupPages. */
export const GroupPagesLayout = {
  SIZE: 28,
  anonymous: 0,
  shared: 4,
  file: 8,
  mapped: 12,
  dirty: 16,
  swapCached: 20,
  tables: 24,
} as const

/** Field offsets of the core's struct Generations. */
export const GenerationsLayout = {
  SIZE: 76,
  maxSeq: 0,
  minSeqAnon: 4,
  minSeqFile: 8,
  born0: 16,
  born1: 24,
  born2: 32,
  born3: 40,
  filter0: 48,
  filter1: 52,
  aging: 56,
  leafTotal: 60,
  leafYoung: 64,
  nonleafFound: 68,
  nonleafAdded: 72,
} as const

/** Field offsets of the core's struct Tasks. */
export const TasksLayout = {
  SIZE: 20,
  word: 0,
  nextPid: 4,
  count: 8,
  cloned: 12,
  oomKills: 16,
} as const

/** Field offsets of the core's struct Finding. */
export const FindingLayout = {
  SIZE: 8,
  first: 0,
  second: 4,
} as const

/** Field offsets of the core's struct ProcessRecord. */
export const ProcessRecordLayout = {
  SIZE: 128,
  pid: 0,
  parent: 4,
  alive: 8,
  status: 12,
  cpu: 16,
  asleep: 20,
  threads: 24,
  uid: 28,
  euid: 32,
  suid: 36,
  gid: 40,
  egid: 44,
  sgid: 48,
  groups: 52,
  umask: 56,
  namespace: 60,
  mm: 64,
  vmas: 68,
  anonymous: 72,
  shared: 76,
  swapped: 80,
  tables: 84,
  oomScoreAdj: 88,
  oomScore: 92,
  total: 96,
  data: 104,
  locked: 112,
  heapEnd: 120,
} as const

/** Field offsets of the core's struct ThreadRecord. */
export const ThreadRecordLayout = {
  SIZE: 9,
  tid: 0,
  cpu: 4,
  asleep: 8,
} as const

/** Field offsets of the core's struct VmaRecord. */
export const VmaRecordLayout = {
  SIZE: 48,
  start: 0,
  end: 8,
  vma: 16,
  flags: 20,
  file: 24,
  inode: 28,
  offset: 32,
  segment: 40,
  family: 44,
} as const

/** Field offsets of the core's struct PageRecord. */
export const PageRecordLayout = {
  SIZE: 36,
  address: 0,
  frame: 8,
  state: 12,
  maps: 16,
  writable: 20,
  accessed: 21,
  dirty: 22,
  softDirty: 23,
  lazyFree: 24,
  swap: 28,
  swapUsers: 32,
} as const

/** Field offsets of the core's struct DescriptorRecord. */
export const DescriptorRecordLayout = {
  SIZE: 8,
  fd: 0,
  file: 4,
} as const

/** Field offsets of the core's struct FileRecord. */
export const FileRecordLayout = {
  SIZE: 16,
  file: 0,
  inode: 4,
  flags: 8,
  refs: 12,
} as const

/** Field offsets of the core's struct MountRecord. */
export const MountRecordLayout = {
  SIZE: 24,
  mount: 0,
  device: 4,
  inodes: 8,
  maxInodes: 12,
  blocks: 16,
  maxBlocks: 20,
} as const

/** Field offsets of the core's struct InodeRecord. */
export const InodeRecordLayout = {
  SIZE: 88,
  inode: 0,
  mount: 4,
  device: 8,
  use: 12,
  tag: 16,
  number: 20,
  mode: 24,
  uid: 28,
  gid: 32,
  links: 36,
  refs: 40,
  pages: 44,
  swapped: 48,
  bytes: 56,
  accessed: 64,
  modified: 72,
  changed: 80,
} as const

/** Field offsets of the core's struct ObjectPageRecord. */
export const ObjectPageRecordLayout = {
  SIZE: 12,
  index: 0,
  frame: 4,
  swap: 8,
} as const

/** Field offsets of the core's struct ObjectVmaRecord. */
export const ObjectVmaRecordLayout = {
  SIZE: 16,
  start: 0,
  vma: 8,
  pid: 12,
} as const

/** Field offsets of the core's struct FrameRecord. */
export const FrameRecordLayout = {
  SIZE: 32,
  frame: 0,
  state: 4,
  refs: 8,
  maps: 12,
  owner: 16,
  index: 24,
} as const

/** Field offsets of the core's struct SegmentRecord. */
export const SegmentRecordLayout = {
  SIZE: 80,
  id: 0,
  key: 4,
  uid: 8,
  gid: 12,
  cuid: 16,
  cgid: 20,
  mode: 24,
  creator: 28,
  last: 32,
  attachments: 36,
  inode: 40,
  bytes: 48,
  attached: 56,
  detached: 64,
  changed: 72,
} as const

/** Field offsets of the core's struct SemSetRecord. */
export const SemSetRecordLayout = {
  SIZE: 48,
  id: 0,
  key: 4,
  uid: 8,
  gid: 12,
  cuid: 16,
  cgid: 20,
  mode: 24,
  count: 28,
  operated: 32,
  changed: 40,
} as const

/** Field offsets of the core's struct SemRecord. */
export const SemRecordLayout = {
  SIZE: 16,
  value: 0,
  pid: 4,
  forMore: 8,
  forZero: 12,
} as const

/** Field offsets of the core's struct MsgQueueRecord. */
export const MsgQueueRecordLayout = {
  SIZE: 80,
  id: 0,
  key: 4,
  uid: 8,
  gid: 12,
  cuid: 16,
  cgid: 20,
  mode: 24,
  count: 28,
  bytes: 32,
  most: 40,
  sender: 48,
  receiver: 52,
  sent: 56,
  received: 64,
  changed: 72,
} as const

/** Field offsets of the core's struct UsageRecord. */
export const UsageRecordLayout = {
  SIZE: 72,
  raw: 0,
  slab: 4,
  table: 8,
  anonymous: 12,
  object: 16,
  mapped: 20,
  file: 24,
  dirty: 28,
  inactiveAnon: 32,
  activeAnon: 36,
  inactiveFile: 40,
  activeFile: 44,
  unevictable: 48,
  locked: 52,
  committed: 56,
  commitLimit: 64,
} as const

/** Field offsets of the core's struct Cache. */
export const CacheLayout = {
  SIZE: 24,
  word: 0,
  size: 4,
  perSlab: 8,
  active: 12,
  slabs: 16,
  tally: 20,
} as const

/** Field offsets of the core's struct SwapArea. */
export const SwapAreaLayout = {
  SIZE: 88,
  word: 0,
  state: 4,
  priority: 8,
  backing: 12,
  slots: 16,
  path: 20,
  pathLength: 24,
  base: 28,
  generation: 32,
  used: 36,
  cached: 40,
  zeros: 44,
  turn: 48,
  clusters: 52,
  clusterCount: 56,
  rotates: 60,
  compresses: 64,
  stored: 68,
  same: 72,
  huge: 76,
  compressed: 80,
} as const

/** Field offsets of the core's struct Cluster. */
export const ClusterLayout = {
  SIZE: 20,
  prev: 0,
  next: 4,
  table: 8,
  payers: 12,
  used: 16,
  list: 18,
} as const

/** Field offsets of the core's struct Slot. */
export const SlotLayout = {
  SIZE: 8,
  count: 0,
  flags: 2,
  cache: 4,
} as const

/** Field offsets of the core's struct Mount. */
export const MountLayout = {
  SIZE: 72,
  word: 0,
  device: 4,
  inodes: 8,
  links: 12,
  maxInodes: 16,
  blocks: 20,
  maxBlocks: 24,
  nextNumber: 28,
  inodesPrev: 32,
  inodesNext: 36,
  root: 40,
  point: 44,
  backing: 48,
  base: 52,
  path: 56,
  pathLength: 60,
  bitmap: 64,
  nextBlock: 68,
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

/** Types of the core's struct ProcessRecord. */
export const ProcessRecordTypes = {
  pid: 'u32',
  parent: 'u32',
  alive: 'bool',
  status: 'u32',
  cpu: 'u32',
  asleep: 'bool',
  threads: 'u32',
  uid: 'u32',
  euid: 'u32',
  suid: 'u32',
  gid: 'u32',
  egid: 'u32',
  sgid: 'u32',
  groups: 'u32',
  umask: 'u32',
  namespace: 'u32',
  mm: 'u32',
  vmas: 'u32',
  anonymous: 'u32',
  shared: 'u32',
  swapped: 'u32',
  tables: 'u32',
  oomScoreAdj: 'i32',
  oomScore: 'u32',
  total: 'f64',
  data: 'f64',
  locked: 'f64',
  heapEnd: 'f64',
} as const

/** Types of the core's struct ThreadRecord. */
export const ThreadRecordTypes = {
  tid: 'u32',
  cpu: 'u32',
  asleep: 'bool',
} as const

/** Types of the core's struct VmaRecord. */
export const VmaRecordTypes = {
  start: 'f64',
  end: 'f64',
  vma: 'u32',
  flags: 'u32',
  file: 'u32',
  inode: 'u32',
  offset: 'f64',
  segment: 'i32',
  family: 'u32',
} as const

/** Types of the core's struct PageRecord. */
export const PageRecordTypes = {
  address: 'f64',
  frame: 'u32',
  state: 'u32',
  maps: 'u32',
  writable: 'bool',
  accessed: 'bool',
  dirty: 'bool',
  softDirty: 'bool',
  lazyFree: 'bool',
  swap: 'u32',
  swapUsers: 'u32',
} as const

/** Types of the core's struct DescriptorRecord. */
export const DescriptorRecordTypes = {
  fd: 'u32',
  file: 'u32',
} as const

/** Types of the core's struct FileRecord. */
export const FileRecordTypes = {
  file: 'u32',
  inode: 'u32',
  flags: 'u32',
  refs: 'u32',
} as const

/** Types of the core's struct MountRecord. */
export const MountRecordTypes = {
  mount: 'u32',
  device: 'u32',
  inodes: 'u32',
  maxInodes: 'u32',
  blocks: 'u32',
  maxBlocks: 'u32',
} as const

/** Types of the core's struct InodeRecord. */
export const InodeRecordTypes = {
  inode: 'u32',
  mount: 'u32',
  device: 'u32',
  use: 'u32',
  tag: 'u32',
  number: 'u32',
  mode: 'u32',
  uid: 'u32',
  gid: 'u32',
  links: 'u32',
  refs: 'u32',
  pages: 'u32',
  swapped: 'u32',
  bytes: 'f64',
  accessed: 'f64',
  modified: 'f64',
  changed: 'f64',
} as const

/** Types of the core's struct ObjectPageRecord. */
export const ObjectPageRecordTypes = {
  index: 'u32',
  frame: 'u32',
  swap: 'u32',
} as const

/** Types of the core's struct ObjectVmaRecord. */
export const ObjectVmaRecordTypes = {
  start: 'f64',
  vma: 'u32',
  pid: 'u32',
} as const

/** Types of the core's struct FrameRecord. */
export const FrameRecordTypes = {
  frame: 'u32',
  state: 'u32',
  refs: 'u32',
  maps: 'u32',
  owner: 'u32',
  index: 'f64',
} as const

/** Types of the core's struct SegmentRecord. */
export const SegmentRecordTypes = {
  id: 'i32',
  key: 'i32',
  uid: 'u32',
  gid: 'u32',
  cuid: 'u32',
  cgid: 'u32',
  mode: 'u32',
  creator: 'u32',
  last: 'u32',
  attachments: 'u32',
  inode: 'u32',
  bytes: 'f64',
  attached: 'f64',
  detached: 'f64',
  changed: 'f64',
} as const

/** Types of the core's struct SemSetRecord. */
export const SemSetRecordTypes = {
  id: 'i32',
  key: 'i32',
  uid: 'u32',
  gid: 'u32',
  cuid: 'u32',
  cgid: 'u32',
  mode: 'u32',
  count: 'u32',
  operated: 'f64',
  changed: 'f64',
} as const

/** Types of the core's struct SemRecord. */
export const SemRecordTypes = {
  value: 'u32',
  pid: 'u32',
  forMore: 'u32',
  forZero: 'u32',
} as const

/** Types of the core's struct MsgQueueRecord. */
export const MsgQueueRecordTypes = {
  id: 'i32',
  key: 'i32',
  uid: 'u32',
  gid: 'u32',
  cuid: 'u32',
  cgid: 'u32',
  mode: 'u32',
  count: 'u32',
  bytes: 'u32',
  most: 'f64',
  sender: 'u32',
  receiver: 'u32',
  sent: 'f64',
  received: 'f64',
  changed: 'f64',
} as const

/** Types of the core's struct UsageRecord. */
export const UsageRecordTypes = {
  raw: 'u32',
  slab: 'u32',
  table: 'u32',
  anonymous: 'u32',
  object: 'u32',
  mapped: 'u32',
  file: 'u32',
  dirty: 'u32',
  inactiveAnon: 'u32',
  activeAnon: 'u32',
  inactiveFile: 'u32',
  activeFile: 'u32',
  unevictable: 'u32',
  locked: 'u32',
  committed: 'f64',
  commitLimit: 'f64',
} as const

/** Values of the core's enum Rank. */
export const Rank = {
  Tasks: 0,
  Space: 1,
  Futex: 2,
  SecondFutex: 3,
  Ipc: 4,
  Names: 5,
  Mapping: 6,
  Family: 7,
  Tables: 8,
  ChildTables: 9,
  Swap: 10,
  Files: 11,
  Mount: 12,
  Lru: 13,
  Slab: 14,
  Zone: 15,
} as const

/** Values of the core's enum State. */
export const State = {
  Tail: 0,
  Free: 1,
  Cached: 2,
  Reserved: 3,
  Raw: 4,
  Slab: 5,
  Table: 6,
  Anonymous: 7,
  Object: 8,
  Zero: 9,
} as const

/** Values of the core's enum Use. */
export const Use = {
  Segment: 0,
  Zero: 1,
  File: 2,
  Device: 3,
  Queue: 4,
} as const

/** Values of the core's enum MountIndex. */
export const MountIndex = {
  Internal: 0,
  Root: 1,
  Shm: 2,
  Queues: 3,
  Disk: 4,
} as const

/** Values of the core's enum Kind. */
export const Kind = {
  Mm: 0,
  Vma: 1,
  Family: 2,
  Node: 3,
  Inode: 4,
  File: 5,
  Segment: 6,
  Task: 7,
  Thread: 8,
  Dentry: 9,
  Name: 10,
  Namespace: 11,
  SemSet: 12,
  Waiter: 13,
  MsgQueue: 14,
  Bytes64: 15,
  Bytes128: 16,
  Bytes256: 17,
  Bytes512: 18,
  Bytes1024: 19,
  Bytes2048: 20,
} as const

/** Values of the core's enum Kswapd. */
export const Kswapd = {
  Inline: 0,
  Asleep: 1,
  Awake: 2,
} as const
