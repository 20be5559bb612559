// What a trace of several processes has besides references: who executes them, and how memory comes and goes.

/** A call of a process, between two references. */
export interface TraceCall {
  /** How many references of the trace come before it. */
  at: number
  process: number
  /** The line of the trace that says so, from 1 on. */
  line: number
  call: EventCall
}

/** What a process asks for. Addresses and lengths are in bytes. */
export type EventCall = MapCall | UnmapCall | ForkCall | ExitCall

/** Memory from `address` on: zeros, or an object that other processes map too. */
export interface MapCall {
  name: 'mmap'
  address: number
  length: number
  /** Whether it may be written. */
  write: boolean
  /** Private, or shared with the children; as the run's backing has it unless given. */
  kind?: 'private' | 'shared'
  /** Of shared memory: the object's name, for processes that are not related; one of its own unless given. */
  object?: string
  /** Where in the object it begins. */
  offset?: number
}

/** Takes memory away. */
export interface UnmapCall {
  name: 'munmap'
  address: number
  length: number
}

/** Makes a process with a copy of the memory. */
export interface ForkCall {
  name: 'fork'
  child: number
}

/** Ends the process. */
export interface ExitCall {
  name: 'exit'
}

/** The events of a trace, in the order of their places in it. */
export interface TraceEvents {
  /** Who executes references: from number `at[i]` on, process `process[i]`; process 1 before that. */
  turns: { at: number[]; process: number[] }
  calls: TraceCall[]
}
