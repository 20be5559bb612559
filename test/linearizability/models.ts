// What the shared objects would do if one thread alone used them.
import { EAGAIN, EEXIST, EIDRM, EINVAL, ENOENT } from '#dist/abi/errno.gen.js'
import type { Model } from './checker.js'

/** The table of ids: keys and segments. Answers are ids, 0, or -errno. */
export type IdCall = readonly ['get' | 'create' | 'createNew', key: number] | readonly ['remove' | 'stat', id: number]

interface IdState {
  /** Id by key. */
  live: ReadonlyMap<number, number>
  /** Ids that were removed, which are not given again soon. */
  removed: ReadonlySet<number>
}

function isLive({ live }: IdState, id: number): boolean {
  return [...live.values()].includes(id)
}

function getId(state: IdState, call: 'get' | 'create' | 'createNew', key: number, answer: number): IdState[] {
  const id = state.live.get(key)
  if (id !== undefined) return answer === (call === 'createNew' ? -EEXIST : id) ? [state] : []
  if (call === 'get') return answer === -ENOENT ? [state] : []
  // which id a new one gets is not told, but nobody has it, or had it
  if (answer < 0 || isLive(state, answer) || state.removed.has(answer)) return []
  return [{ ...state, live: new Map([...state.live, [key, answer]]) }]
}

export const idTable: Model<IdState, IdCall, number> = {
  initial: { live: new Map(), removed: new Set() },
  step(state, [call, argument], answer) {
    if (answer === undefined) throw new TypeError('calls on ids end')
    if (call !== 'remove' && call !== 'stat') return getId(state, call, argument, answer)
    if (!isLive(state, argument)) return [-EINVAL, -EIDRM].includes(answer) ? [state] : []
    if (answer !== 0) return []
    if (call === 'stat') return [state]
    const live = new Map([...state.live].filter(([, id]) => id !== argument))
    return [{ live, removed: new Set([...state.removed, argument]) }]
  },
  key: ({ live, removed }) => `${[...live].sort(([a], [b]) => a - b).join(';')} without ${[...removed].sort((a, b) => a - b).join()}`,
}

/** The frame allocator: what takes a block of 2^order frames answers the first one's number. */
export type FrameCall = readonly ['take', order: number] | readonly ['give', first: number, order: number]

/** The frames that are taken. */
type FrameState = ReadonlySet<number>

function blockOf(first: number, order: number): number[] {
  return Array.from({ length: 2 ** order }, (_, i) => first + i)
}

export const frameAllocator: Model<FrameState, FrameCall, number> = {
  initial: new Set(),
  step(taken, call, answer) {
    if (call[0] === 'give') return [new Set([...taken].filter(frame => !blockOf(call[1], call[2]).includes(frame)))]
    if (answer === undefined || answer === 0) return []
    const block = blockOf(answer, call[1])
    return block.some(frame => taken.has(frame)) ? [] : [new Set([...taken, ...block])]
  },
  key: taken => [...taken].sort((a, b) => a - b).join(),
}

/** A set of semaphores: `op` waits, `try` does not; each changes several semaphores, or none of them. */
export type SemaphoreCall =
  | readonly ['op' | 'try', changes: readonly (readonly [num: number, change: number])[]]
  | readonly ['get', num: number]
  | readonly ['set', num: number, value: number]

/** The values. */
type SemaphoreState = readonly number[]

/** The values after all changes, one after the other; undefined if one must wait. */
function changed(values: SemaphoreState, changes: readonly (readonly [number, number])[]): SemaphoreState | undefined {
  const after = [...values]
  for (const [num, change] of changes) {
    const value = after[num] ?? 0
    if (change === 0 ? value !== 0 : value + change < 0) return undefined
    after[num] = value + change
  }
  return after
}

/** A set of so many semaphores. */
export function semaphoreSet(count: number): Model<SemaphoreState, SemaphoreCall, number> {
  return {
    initial: Array<number>(count).fill(0),
    step(values, call, answer) {
      if (call[0] === 'get') return answer === undefined || answer === values[call[1]] ? [values] : []
      if (call[0] === 'set') return answer === 0 || answer === undefined ? [values.with(call[1], call[2])] : []
      const after = changed(values, call[1])
      if (call[0] === 'try' && answer === -EAGAIN) return after ? [] : [values]
      return after && (answer === 0 || answer === undefined) ? [after] : []
    },
    key: values => values.join(),
  }
}
