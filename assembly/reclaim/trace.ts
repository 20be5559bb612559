// What reclaim tells the trace rings: Linux's tracepoints of include/trace/events/vmscan.h. A word of a record holds one number, or two of 32 bits. Takes nothing.
import {
  MM_VMSCAN_DIRECT_RECLAIM_BEGIN,
  MM_VMSCAN_DIRECT_RECLAIM_END,
  MM_VMSCAN_LRU_ISOLATE,
  MM_VMSCAN_LRU_SHRINK_ACTIVE,
  MM_VMSCAN_LRU_SHRINK_INACTIVE,
  MM_VMSCAN_MEMCG_RECLAIM_BEGIN,
  MM_VMSCAN_MEMCG_RECLAIM_END,
  MM_VMSCAN_WRITE_FOLIO,
} from '../abi/event'
import { Frame, PG_SWAPBACKED } from '../phys/frame'
import { TraceEvent } from '../phys/trace'

/** RECLAIM_WB_ANON, RECLAIM_WB_FILE and RECLAIM_WB_ASYNC. */
const ANON: u64 = 1
const FILE: u64 = 2
const ASYNC: u64 = 8

/** Two numbers in a word. */
function pair(low: u32, high: u32): u64 {
  return ((<u64>high) << 32) | <u64>low
}

/** Reclaim begins for a call that was refused a frame, of a control group's pages or, for 0, of all. */
export function noteBegin(group: u32): void {
  TraceEvent.note(group === 0 ? MM_VMSCAN_DIRECT_RECLAIM_BEGIN : MM_VMSCAN_MEMCG_RECLAIM_BEGIN, 0, group)
}

/** It ends. */
export function noteEnd(group: u32, reclaimed: u32): void {
  TraceEvent.note(group === 0 ? MM_VMSCAN_DIRECT_RECLAIM_END : MM_VMSCAN_MEMCG_RECLAIM_END, reclaimed, group)
}

/** Pages were taken from the tail of a list. */
export function noteIsolate(lru: u32, requested: u32, scanned: u32, taken: u32): void {
  TraceEvent.note(MM_VMSCAN_LRU_ISOLATE, pair(requested, scanned), pair(taken, lru))
}

/** Pages of an inactive list were looked at. */
export function noteInactive(scanned: u32, reclaimed: u32, activated: u32, priority: i32): void {
  TraceEvent.note(MM_VMSCAN_LRU_SHRINK_INACTIVE, pair(scanned, reclaimed), pair(activated, priority))
}

/** Pages of an active list were. */
export function noteActive(taken: u32, deactivated: u32, rotated: u32, priority: i32): void {
  TraceEvent.note(MM_VMSCAN_LRU_SHRINK_ACTIVE, pair(taken, deactivated), pair(rotated, priority))
}

/** A page was written, to swap or its file. */
export function noteWrite(frame: Frame): void {
  TraceEvent.note(MM_VMSCAN_WRITE_FOLIO, frame.pfn, (frame.has(PG_SWAPBACKED) ? ANON : FILE) | ASYNC)
}
