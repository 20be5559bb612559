// validate(): IPC namespaces and their segments. Namespaces are found through the processes in them and
// the attachments of their segments, and chained by their `next`, which serves nothing else.
import { BROKEN_ATTACH, BROKEN_LOCK, BROKEN_NAMESPACE } from '../abi/invariant'
import { IPC_MAX, PID_MAX } from '../abi/layout'
import { IPC_PRIVATE, SHM_LOCKED } from '../abi/shm'
import { findKey } from '../ipc/ids'
import { ShmNamespace } from '../ipc/namespace'
import { Segment } from '../ipc/segment'
import { Link } from '../lib/list'
import { radixGet, radixNext } from '../map/radix'
import { Vma } from '../map/vma'
import { Cache, Kind } from '../phys/slab'
import { livingTask, Task } from '../proc/task'
import { Rank } from '../sync/lockdep'
import { broken } from './report'

/** The namespace behind another one in the chain; null behind the last. */
export function nextNamespace(namespace: ShmNamespace): ShmNamespace | null {
  return changetype<ShmNamespace>(namespace.next)
}

/** The segment with the lowest index from `from` on; null if there is none. */
export function nextSegment(namespace: ShmNamespace, from: u32): Segment | null {
  const index = radixNext(namespace.root, from)
  return index < 0 ? null : changetype<Segment>(radixGet(namespace.root, <u32>index))
}

/** Counts a reference to a namespace, or forgets what was counted; returns the head of the chain, which it joins with its first. */
function visit(namespace: ShmNamespace, head: ShmNamespace | null, count: bool): ShmNamespace | null {
  if (!count) namespace.tally = 0
  else if (namespace.tally++ === 0) {
    namespace.next = changetype<u32>(head)
    return namespace
  }
  return head
}

/** Counts all references to namespaces, or forgets what was counted; returns the chain of those that have any. */
function visitAll(count: bool): ShmNamespace | null {
  let head: ShmNamespace | null = null
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (!task) continue
    head = visit(task.shm, head, count)
    const list = task.mm.list
    for (let link: Link = list.next; link !== list; link = link.next) {
      const segment = changetype<Segment>(changetype<Vma>(link).segment)
      if (segment) head = visit(segment.namespace, head, count)
    }
  }
  return head
}

/** The chain of all namespaces, their references counted in `tally`. */
export function findNamespaces(): ShmNamespace | null {
  visitAll(false)
  return visitAll(true)
}

/** Every namespace: its references, segments and sums; and that namespaces and segments are as many as their caches hold. */
export function checkNamespaces(head: ShmNamespace | null): u32 {
  let namespaces: u32 = 0
  let segments: u32 = 0
  let namespace = head
  while (namespace) {
    if (namespace.isHeld) return broken(BROKEN_LOCK, Rank.Ipc, changetype<u32>(namespace))
    if (namespace.tally !== namespace.refs) return broken(BROKEN_NAMESPACE, namespace.tally, namespace.refs)
    const found = checkNamespace(namespace)
    if (found !== 0) return found
    namespaces++
    segments += namespace.inUse
    namespace = nextNamespace(namespace)
  }
  const right = Cache.of(Kind.Namespace).active === namespaces && Cache.of(Kind.Segment).active === segments
  return right ? 0 : broken(BROKEN_NAMESPACE, namespaces, segments)
}

/** One namespace: each segment's attachments and key; and its sums. */
function checkNamespace(namespace: ShmNamespace): u32 {
  let count: u32 = 0
  let pages: u64 = 0
  let orphans: u32 = 0
  let highest: i32 = -1
  let segment = nextSegment(namespace, 0)
  while (segment) {
    const index: i32 = segment.id & (IPC_MAX - 1)
    const attached = attachmentsOf(segment)
    if (attached !== segment.attachments) return broken(BROKEN_ATTACH, segment.id, segment.attachments)
    const locked = (segment.mode & SHM_LOCKED) !== 0
    if (locked !== (segment.file.inode.lockedFor !== 0)) return broken(BROKEN_ATTACH, segment.id, segment.mode)
    const byKey = segment.key === IPC_PRIVATE || findKey(namespace.buckets, segment.key) === segment
    if (!byKey || index <= highest || segment.namespace !== namespace) return broken(BROKEN_ATTACH, segment.id, index)
    highest = index
    count++
    pages += segment.pages
    if (segment.made.isEmpty) orphans++
    segment = nextSegment(namespace, highest + 1)
  }
  const right = count === namespace.inUse && pages === namespace.totalPages && highest === namespace.highest
  return right && orphans + madeIn(namespace) === count ? 0 : broken(BROKEN_NAMESPACE, count, <u32>pages)
}

/** How many VMAs show an attachment of the segment. */
function attachmentsOf(segment: Segment): u32 {
  const list = segment.file.inode.vmas
  let count: u32 = 0
  for (let link: Link = list.next; link !== list; link = link.next) {
    if (Vma.ofShared(link).segment === changetype<u32>(segment)) count++
  }
  return count
}

/** How many segments of a namespace its living processes made. */
function madeIn(namespace: ShmNamespace): u32 {
  let made: u32 = 0
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (task && task.shm === namespace) made += changetype<Task>(task).made.checkedLength(namespace.inUse)
  }
  return made
}
