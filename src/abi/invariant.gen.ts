// GENERATED from assembly/abi/invariant.ts by the build; do not edit.
// What validate() may find broken. Its two details are, unless a line says more, a frame number and the frame's state.

/** A free block that is in no list, in two, or of the wrong order. */
export const BROKEN_BUDDY = 1
/** The allocator's count of free frames (1st) is not what its lists hold (2nd). */
export const BROKEN_FREE_COUNT = 2
/** A CPU's (1st) stack holds more frames than it may (2nd: how many), or a frame (2nd) that is not its. */
export const BROKEN_CPU_LIST = 3
/** A frame that no one accounts for: in no list, slab, table or object. */
export const BROKEN_LOST_FRAME = 4
/** The frames' map count is not the number of entries that map it (2nd). */
export const BROKEN_MAP_COUNT = 5
/** The frame's reference count (2nd) is not the number of those who hold it. */
export const BROKEN_REF_COUNT = 6
/** A slab cache (1st) whose counts are not those of its slabs. */
export const BROKEN_SLAB = 7
/** A process's (1st) VMAs out of order, overlapping, or not the same in tree and list. */
export const BROKEN_VMAS = 8
/** A process (1st) maps a page (2nd) outside its VMAs, with a right its VMA lacks, or of another object. */
export const BROKEN_ENTRY = 9
/** A table (frame number) counts other entries than it has (2nd). */
export const BROKEN_TABLE = 10
/** A segment (id) is attached another number of times than it counts (2nd). */
export const BROKEN_ATTACH = 11
/** An IPC namespace counts other references, or segments (1st) and pages (2nd); or there are as many namespaces (1st) and segments (2nd) as their caches do not hold. */
export const BROKEN_NAMESPACE = 12
/** An object whose pages, VMAs or references are not what it counts (1st: index or count). */
export const BROKEN_OBJECT = 13
/** A process (1st) counts other private or shared pages than its tables map. */
export const BROKEN_SPACE = 14
/** A file or inode (address) is referred to another number of times than it counts (2nd). */
export const BROKEN_REFERENCES = 16
/** A directory (inode number, 1st) whose names are not found, or not what its size and links say (2nd). */
export const BROKEN_NAMES = 19
/** A process (1st) whose descriptors are beyond their limit, or a free one is below where the search begins (2nd). */
export const BROKEN_DESCRIPTORS = 20
/** A lock is held (rank, 1st) though nothing runs. */
export const BROKEN_LOCK = 15
/** A CPU (1st) walks the tree of an object (address, 2nd) though nothing runs. */
export const BROKEN_WALK = 60
/** A zone's watermarks do not rise from min (1st) to high (2nd). */
export const BROKEN_WATERMARKS = 18
/** A process (1st) whose pid, state, family or groups do not agree; or as many processes (1st) and children (2nd) as do not make a family. */
export const BROKEN_TASK = 17
/** A bucket of waiters (index, 1st) that is held, or has a waiter of a process (2nd) that waits elsewhere or not at all. */
export const BROKEN_FUTEX = 24
/** The radix trees have other nodes (1st) than there are (2nd), or one that is empty or counts wrongly. */
export const BROKEN_TREE = 25
/** There are so many families (2nd), and so many (1st) whose lists have the VMAs that name them. */
export const BROKEN_FAMILY = 61
/** A swap entry (1st) that is none, or to whose slot others refer than it counts (2nd: how many more, or a page that refers to it). */
export const BROKEN_SWAP = 70
/** A swap area (1st) whose counts are not those of its slots (2nd: a cluster, or a count). */
export const BROKEN_AREA = 71
/** Other pages are promised (2nd) than were promised to mappings and objects (1st). */
export const BROKEN_COMMITMENT = 21
/** A set of semaphores (id or number, 1st): its values, key, undos, or how many there are. */
export const BROKEN_SEMAPHORES = 40
/** A process (1st) whose threads, their numbers and CPUs, and its count of them (2nd) do not agree; or as many threads (1st) as clone did not make (2nd). */
export const BROKEN_THREADS = 50
/** A waiter of a process (1st): where it waits (2nd), or that it waits though it need not; or how many wait (1st) and stand in lists (2nd). */
export const BROKEN_WAITER = 41
/** Memory of any size that is not what something thinks (1st: what); or a cache of it (1st) of which something uses so much (2nd). */
export const BROKEN_BYTES = 42
/** A message queue (id or number, 1st): its messages, key, or how many there are. */
export const BROKEN_QUEUE = 43
/** A list of users' pages (1st) and a page (2nd), or its length, that do not agree; or a page (1st) whose flags (2nd) are of none or of several. */
export const BROKEN_LRU = 62
/** A control group (1st) that does not pay for as many pages, or has not as many slots of swap or processes, as it says (2nd). */
export const BROKEN_GROUP = 63
/** A frame (1st) that no locked mapping shows is said to be locked (flags, 2nd). */
export const BROKEN_MLOCK = 66
/** kswapd is said to have a thread (how it runs, 1st), and its CPU (2nd) has none; or a user's first try leaves so many frames (1st), not `min` (2nd) or `low`. */
export const BROKEN_KSWAPD = 80
/** A file on a disk (inode number, 1st; 0 for none) whose blocks (2nd) are not what the disk says, or with a dirty page (2nd) without one. */
export const BROKEN_DISK = 73
