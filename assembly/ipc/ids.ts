// The ids of one kind of IPC object: an id is an index and a sequence number, so that a stale id
// is known as such. Indices are given out in a circle, as by ipc_idr_alloc in Linux's ipc/util.c.
// Holds, in every function: the namespace's lock.

import { ENOMEM, ENOSPC } from '../abi/errno'
import { IPC_MAX, IPC_SEQ_SHIFT } from '../abi/layout'
import { IPC_PRIVATE } from '../abi/shm'
import { Node, radixClear, radixEnter, radixGet } from '../map/radix'
import { Lock } from '../sync/lock'
import { IpcPerm } from './perm'

/** Indices go round below this at least. */
const MIN_CYCLE: u32 = 64
const SEQ_MAX: u32 = <u32>0x7fffffff >> IPC_SEQ_SHIFT
const BUCKETS: u32 = 256

/** A namespace's objects of one kind; behind it stand the buckets of the hash of keys. Guard: its lock. */
@unmanaged
export class Ids extends Lock {
  /** The radix tree of objects by index. */
  root: Node | null
  inUse: u32
  /** The highest index in use, -1 if there is none. */
  highest: i32
  seq: u32
  lastIndex: i32
  /** Where the search for a free index begins. */
  nextIndex: u32

  @inline
  get rootAt(): usize {
    return changetype<usize>(this) + offsetof<Ids>('root')
  }
}

/** Makes zeroed ids those of no object. */
export function initIds(ids: Ids): void {
  ids.highest = -1
  ids.lastIndex = -1
}

/** Bytes of the buckets. */
export const BUCKETS_SIZE: usize = <usize>BUCKETS * 4

/** Address of the word that heads a key's chain; `buckets` is where the buckets stand. */
function bucket(buckets: usize, key: i32): usize {
  return buckets + (((<u32>key * 0x9e3779b1) >> 24) << 2)
}

/** The object with a key; null if there is none. */
export function findKey(buckets: usize, key: i32): IpcPerm | null {
  let perm = changetype<IpcPerm>(load<u32>(bucket(buckets, key)))
  while (perm && perm.key !== key) perm = changetype<IpcPerm>(perm.nextByKey)
  return perm
}

/** The object at an index; null if there is none. */
export function atIndex(ids: Ids, index: u32): IpcPerm | null {
  return changetype<IpcPerm>(radixGet(ids.root, index))
}

/** The object at the index of an id, whether that is its id or was another's. */
export function atIndexOf(ids: Ids, id: i32): IpcPerm | null {
  return atIndex(ids, <u32>id & (IPC_MAX - 1))
}

/** The object with an id; null if no object has it, which is EINVAL: EIDRM is for an object that goes during a call. */
export function findId(ids: Ids, id: i32): IpcPerm | null {
  const perm = atIndexOf(ids, id)
  return perm && perm.id === id ? perm : changetype<IpcPerm>(0)
}

/** Gives the object an id and enters its key; ENOSPC if there are `limit` objects. Takes: Slab. */
export function enter(ids: Ids, buckets: usize, perm: IpcPerm, limit: u32): i32 {
  if (ids.inUse >= limit) return -ENOSPC
  const end = min(max(ids.inUse + (ids.inUse >> 1), MIN_CYCLE), IPC_MAX)
  let index = ids.nextIndex < end ? ids.nextIndex : 0
  const first = index
  while (atIndex(ids, index)) {
    index = index + 1 === end ? 0 : index + 1
    if (index === first) return -ENOSPC
  }
  if (radixEnter(ids.rootAt, index, changetype<u32>(perm)) === 0) return -ENOMEM
  ids.nextIndex = index + 1
  ids.highest = max(ids.highest, <i32>index)
  if (<i32>index <= ids.lastIndex && ++ids.seq >= SEQ_MAX) ids.seq = 0
  ids.lastIndex = index
  ids.inUse++
  perm.seq = ids.seq
  perm.id = (ids.seq << IPC_SEQ_SHIFT) + index
  if (perm.key !== IPC_PRIVATE) {
    const head = bucket(buckets, perm.key)
    perm.nextByKey = load<u32>(head)
    store<u32>(head, changetype<u32>(perm))
  }
  return perm.id
}

/** Takes the key away from an object: it is found by its id alone. */
export function removeKey(buckets: usize, perm: IpcPerm): void {
  if (perm.key === IPC_PRIVATE) return
  let at = bucket(buckets, perm.key)
  while (load<u32>(at) !== changetype<u32>(perm)) at = load<u32>(at) + offsetof<IpcPerm>('nextByKey')
  store<u32>(at, <u32>perm.nextByKey)
  perm.key = IPC_PRIVATE
}

/** Takes an object's key and id away. */
export function remove(ids: Ids, buckets: usize, perm: IpcPerm): void {
  removeKey(buckets, perm)
  const index = <u32>perm.id & (IPC_MAX - 1)
  radixClear(ids.rootAt, index)
  ids.inUse--
  if (ids.inUse === 0) ids.highest = -1
  else while (!atIndex(ids, ids.highest)) ids.highest--
}
