// The machine's memory map: linear addresses of its fixed regions, one chain of constants, so that
// they fold into instructions. Page n of linear memory is frame n: an address is `pfn << 12`, and
// the frames that hold these regions are reserved. Page 0 stays unused, so that 0 is no address.

export const PAGE_SHIFT: u32 = 12
export const PAGE_SIZE: u32 = 4096

/** Version of the calls and of what they mean. */
export const ABI_VERSION: u32 = 1
/** First word of a machine's memory: "FLTM". */
export const MAGIC: u32 = 0x464c544d

/** The most CPUs, hence threads, of a machine. */
export const MAX_CPUS: usize = 32
/** Process ids are below this. */
export const PID_MAX: u32 = 32768
/** The index part of an IPC id is below this. */
export const IPC_MAX: u32 = 32768
/** Shift of the sequence part of an IPC id. */
export const IPC_SEQ_SHIFT: u32 = 15

/** struct Superblock. */
export const SUPERBLOCK: usize = 0x1000
/** struct Slots, and struct Params of the policy, of a machine whose pages a policy of `policy/` evicts. */
export const SLOTS: usize = 0x1800
export const POLICY_PARAMS: usize = 0x1880
/** struct Zone of each zone, ZONE_SIZE bytes apart. */
export const ZONES: usize = 0x2000
export const ZONE_SIZE: usize = 256
/** struct Cache of each slab cache, CACHE_SIZE bytes apart. */
export const CACHES: usize = 0x3000
export const CACHE_SIZE: usize = 64
/** struct Tasks. */
export const TASKS: usize = 0x4000
/** struct OomKill of the last processes that were killed for want of memory, OOM_KILL_SIZE bytes apart. */
export const OOM_KILLS: usize = 0x5000
export const OOM_KILL_SIZE: usize = 64
/** How many of them are kept; a power of two. */
export const OOM_KILL_COUNT: u32 = 64
/** struct Sysctl. */
export const SYSCTL: usize = 0x6000
/** struct SwapArea of each swap area, SWAP_AREA_SIZE bytes apart. */
export const SWAP_AREAS: usize = 0x6400
export const SWAP_AREA_SIZE: usize = 128
/** struct SwapHits. */
export const SWAP_HITS: usize = 0x6800
/** struct SwapTotals. */
export const SWAP_TOTALS: usize = 0x6e00
/** struct Commitment. */
export const COMMITMENT: usize = 0x6f00

/** struct Mount of each mount, MOUNT_SIZE bytes apart: the internal one first. */
export const MOUNTS: usize = 0x7000
export const MOUNT_SIZE: usize = 128
/** struct FutexBucket of each bucket of waiters. */
export const FUTEXES: usize = 0x8000
/** struct Names. */
export const NAMES: usize = 0xd000
/** struct Opening. */
export const OPENING: usize = 0xd100
/** The locks of families, FAMILY_LOCK_SIZE bytes apart; a power of two of them. */
export const FAMILY_LOCKS: usize = 0xd800
export const FAMILY_LOCK_SIZE: usize = 32
export const FAMILY_LOCK_COUNT: u32 = 64
/** u32 address of the first name of each chain of their hash; a power of two of them. */
export const NAME_BUCKETS: usize = 0xe000
export const NAME_BUCKET_COUNT: u32 = 2048

/** CPU blocks, CPU_SIZE bytes apart: struct Cpu, then the parts below. */
export const CPUS: usize = 0x10000
export const CPU_SIZE: usize = 0x4000
/** Offsets in a CPU block. */
export const CPU_RUN: usize = 0x100
export const CPU_STRETCH: usize = 0x120
export const CPU_FUTEX: usize = 0x140
export const CPU_SCAN: usize = 0x160
export const CPU_PCP: usize = 0x200
export const CPU_LRU: usize = 0xa00
export const CPU_RESERVES: usize = 0xb00
export const CPU_TLB: usize = 0x1000
export const CPU_BUFFER: usize = 0x3000
/** Bytes of a CPU's stack of free frames, of which it has one a zone. */
export const PCP_SIZE: usize = 0x400
/** Bytes of what a CPU keeps of one kind of object. */
export const RESERVE_SIZE: usize = 64
/** Bytes of a CPU's transfer buffer, through which the host reads and writes. */
export const BUFFER_SIZE: u32 = 0x1000

/** The counters of each CPU, VMSTAT_SIZE bytes apart: as far from one another as CPU_SIZE, shifted by VMSTAT_SHIFT. */
export const VMSTATS: usize = CPUS + MAX_CPUS * CPU_SIZE
export const VMSTAT_SIZE: usize = 0x200
export const VMSTAT_SHIFT: usize = 5
/** struct Group of each control group, GROUP_SIZE bytes apart: all of the machine is the first. */
export const GROUPS: usize = VMSTATS + MAX_CPUS * VMSTAT_SIZE
export const GROUP_SIZE: usize = 0x400
export const MAX_GROUPS: usize = 64
/** Offsets in a group: of its name, and of its counters, behind the most bytes of a name. */
export const GROUP_NAME: usize = 192
export const GROUP_COUNTERS: usize = 256
/** u32 address of the task of each pid. */
export const PIDS: usize = GROUPS + MAX_GROUPS * GROUP_SIZE
/** struct Frame of every frame; the first free frame follows. */
export const FRAME_TABLE: usize = PIDS + PID_MAX * 4
/** Bytes of a struct Frame. */
export const FRAME_SIZE: u32 = 32
