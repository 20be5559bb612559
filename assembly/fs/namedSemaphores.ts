// The named semaphores that a process has open: where it has mapped which file, and how often it opened it, so that it
// maps each once; glibc keeps this table in the process's own memory. Fork copies it, exec drops it. Takes: Files, Slab.
import { EINVAL, ENOMEM } from '../abi/errno'
import { Link } from '../lib/list'
import { Inode } from '../map/inode'
import { allocBytes, freeBytes } from '../phys/bytes'
import { Rank } from '../sync/lockdep'
import { Descriptors } from './descriptors'

/** An open named semaphore, in the list of its process. Guard: Files. */
@unmanaged
@final
export class NamedSemaphore extends Link {
  /** Its file: the device, and the number there. */
  device: u32
  number: u32
  /** Where it is mapped. */
  address: u64
  /** How often it was opened and not closed. */
  opens: u32
}

/** Notes an open semaphore; false if there is no memory. Holds: Files. */
function noteLocked(table: Descriptors, device: u32, number: u32, address: u64, opens: u32): bool {
  const semaphore = changetype<NamedSemaphore>(allocBytes(offsetof<NamedSemaphore>()))
  if (!semaphore) return false
  semaphore.device = device
  semaphore.number = number
  semaphore.address = address
  semaphore.opens = opens
  semaphore.insertBefore(table.semaphores)
  return true
}

/**
 * Where a process has the semaphore in a file mapped, which is open once more now: the address given, unless it is mapped
 * already; 0 if it is not and none is given. ENOMEM. Takes: Files.
 */
export function openSemaphore(table: Descriptors, inode: Inode, address: u64): f64 {
  table.lock(Rank.Files)
  let result: f64 = 0
  for (let link = table.semaphores.next; link !== table.semaphores; link = link.next) {
    const semaphore = changetype<NamedSemaphore>(link)
    if (semaphore.device !== inode.mount.device || semaphore.number !== inode.number) continue
    semaphore.opens++
    result = <f64>semaphore.address
  }
  if (result === 0 && address !== 0) {
    result = noteLocked(table, inode.mount.device, inode.number, address, 1) ? <f64>address : <f64>-ENOMEM
  }
  table.unlock(Rank.Files)
  return result
}

/** Closes the semaphore at an address once: 1 if it is open no more, and is to be unmapped, else 0; EINVAL if none is there. Takes: Files. */
export function closeSemaphore(table: Descriptors, address: u64): i32 {
  table.lock(Rank.Files)
  let result: i32 = -EINVAL
  for (let link = table.semaphores.next; link !== table.semaphores; link = link.next) {
    const semaphore = changetype<NamedSemaphore>(link)
    if (semaphore.address !== address) continue
    result = --semaphore.opens === 0 ? 1 : 0
    if (result === 1) dropLocked(semaphore)
    break
  }
  table.unlock(Rank.Files)
  return result
}

/** Holds: Files. */
function dropLocked(semaphore: NamedSemaphore): void {
  semaphore.unlink()
  freeBytes(changetype<usize>(semaphore), offsetof<NamedSemaphore>())
}

/** Gives a child, which has none, the open semaphores of its parent; false, and it has some, if there is no memory. Takes: Files. */
export function copySemaphores(from: Descriptors, to: Descriptors): bool {
  let copied = true
  from.lock(Rank.Files)
  for (let link = from.semaphores.next; link !== from.semaphores && copied; link = link.next) {
    const semaphore = changetype<NamedSemaphore>(link)
    copied = noteLocked(to, semaphore.device, semaphore.number, semaphore.address, semaphore.opens)
  }
  from.unlock(Rank.Files)
  return copied
}

/** Forgets the open semaphores of a process that has no thread any more. Takes: Slab. */
export function dropSemaphores(table: Descriptors): void {
  while (!table.semaphores.isEmpty) dropLocked(changetype<NamedSemaphore>(table.semaphores.next))
}
