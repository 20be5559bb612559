// validate(): objects, found through segments and VMAs, and the segments' own counts. An object is
// looked at once, by the segment it belongs to or by the first VMA in its list.
import { BROKEN_ATTACH, BROKEN_NAMESPACE, BROKEN_OBJECT } from '../abi/invariant'
import { PID_MAX } from '../abi/layout'
import { IPC_PRIVATE } from '../abi/shm'
import { atIndex, findKey } from '../ipc/ids'
import { Segment, ShmNamespace } from '../ipc/segment'
import { Mapping } from '../map/mapping'
import { radixGet, radixNext } from '../map/radix'
import { Vma } from '../map/vma'
import { Frame, State } from '../phys/frame'
import { Cache, Kind } from '../phys/slab'
import { livingTask } from '../proc/task'
import { tallyHeld } from './frames'
import { broken } from './report'

/** Every object that a VMA shows and no segment has, and that VMAs and objects are as many as their caches hold. */
export function checkObjects(): u32 {
  let vmas: u32 = 0
  let objects: u32 = ShmNamespace.only.inUse
  for (let pid: u32 = 1; pid < PID_MAX; pid++) {
    const task = livingTask(pid)
    if (!task) continue
    const list = task.mm.list
    for (let link = list.next; link !== list; link = link.next) {
      vmas++
      const vma = changetype<Vma>(link)
      const object = vma.object
      if (!object || vma.segment !== 0 || Vma.ofShared(object.vmas.next) !== vma) continue
      objects++
      const found = checkObject(object, 0)
      if (found !== 0) return found
    }
  }
  if (Cache.of(Kind.Vma).active !== vmas) return broken(BROKEN_OBJECT, Cache.of(Kind.Vma).active, vmas)
  return Cache.of(Kind.Mapping).active === objects ? 0 : broken(BROKEN_OBJECT, Cache.of(Kind.Mapping).active, objects)
}

/** One object: its pages, and its references, of which so many are not from VMAs. */
function checkObject(object: Mapping, others: u32): u32 {
  let pages: u32 = 0
  for (let index = radixNext(object.root, 0); index >= 0; ) {
    const frame = changetype<Frame>(radixGet(object.root, <u32>index))
    const right = frame.state === State.Object && frame.owner === changetype<u32>(object) && frame.index === <u64>index
    if (!right || index >= <i64>object.length || !tallyHeld(frame.pfn)) return broken(BROKEN_OBJECT, <u32>index, frame.pfn)
    pages++
    if (index === 0xffffffff) break
    index = radixNext(object.root, <u32>index + 1)
  }
  const vmas = object.vmas.checkedLength(Cache.of(Kind.Vma).active)
  if (pages !== object.pages || object.isHeld) return broken(BROKEN_OBJECT, pages, object.pages)
  return object.refs === vmas + others ? 0 : broken(BROKEN_OBJECT, object.refs, vmas)
}

/** Every segment: its object, its attachments, its key; and the namespace's sums. */
export function checkSegments(limit: u32): u32 {
  const namespace = ShmNamespace.only
  let segments: u32 = 0
  let pages: u32 = 0
  for (let index: u32 = 0; index < limit; index++) {
    const segment = changetype<Segment>(atIndex(namespace, index))
    if (!segment) continue
    const found = checkObject(segment.object, 1)
    if (found !== 0) return found
    if (segment.object.vmas.checkedLength(Cache.of(Kind.Vma).active) !== segment.attachments) {
      return broken(BROKEN_ATTACH, segment.id, segment.attachments)
    }
    const byKey = segment.key === IPC_PRIVATE || findKey(namespace.buckets, segment.key) === segment
    if (!byKey || (<u32>segment.id & (limit - 1)) !== index) return broken(BROKEN_ATTACH, segment.id, index)
    segments++
    pages += segment.pages
  }
  const right = segments === namespace.inUse && pages === namespace.totalPages && Cache.of(Kind.Segment).active === segments
  return right ? 0 : broken(BROKEN_NAMESPACE, segments, pages)
}
