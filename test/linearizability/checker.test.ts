import { describe, expect, it } from 'vitest'
import { EAGAIN, EEXIST, EIDRM, ENOENT } from '#dist/abi/errno.gen.js'
import { explain, type Model, type Operation } from './checker.ts'
import { frameAllocator, type IdCall, idTable, semaphoreSet } from './models.ts'

/** A register: writes answer 0. */
type RegisterCall = readonly ['write', value: number] | readonly ['read']

const register: Model<number, RegisterCall, number> = {
  initial: 0,
  step(value, call, answer) {
    if (call[0] === 'write') return [call[1]]
    return answer === undefined || answer === value ? [value] : []
  },
  key: String,
}

/** An operation that takes from one time to another. */
function op<Call>(began: number, ended: number, call: Call, answer: number | undefined): Operation<Call, number> {
  return { call, answer, began, ended }
}

const write = (began: number, ended: number, value: number): Operation<RegisterCall, number> => op(began, ended, ['write', value], 0)
const read = (began: number, ended: number, value: number): Operation<RegisterCall, number> => op(began, ended, ['read'], value)

describe('the checker', () => {
  it('takes a history of one thread that the model answers the same', () => {
    expect(explain(register, [[write(1, 2, 5), read(3, 4, 5)]])).toBeUndefined()
    expect(explain(register, [[write(1, 2, 5), read(3, 4, 0)]])).toContain('after 1 operations')
  })

  it('lets calls that overlap happen in either order', () => {
    expect(explain(register, [[write(1, 4, 5)], [read(2, 3, 5)]])).toBeUndefined()
    expect(explain(register, [[write(1, 4, 5)], [read(2, 3, 0)]])).toBeUndefined()
  })

  it('holds calls that do not overlap to their order', () => {
    expect(explain(register, [[write(1, 2, 5)], [read(3, 4, 0)]])).toBe(
      'not linearizable: after 1 and 0 operations of the threads, with the state 5, none of these can be next:\n  thread 1, from 3 to 4: ["read"] answers 0',
    )
  })

  it('refuses what was seen and then unseen', () => {
    expect(explain(register, [[write(1, 10, 5)], [read(2, 3, 5), read(4, 5, 0)]])).toContain('not linearizable')
    expect(explain(register, [[write(1, 10, 5)], [read(2, 3, 0), read(4, 5, 5)]])).toBeUndefined()
  })

  it('refuses two readers that saw two writes in opposite order', () => {
    const history = [[write(1, 2, 1)], [write(1, 2, 2)], [read(3, 4, 1), read(7, 8, 2)], [read(5, 6, 2), read(9, 10, 1)]]
    expect(explain(register, history)).toContain('not linearizable')
    expect(explain(register, [[write(1, 20, 1)], [write(1, 20, 2)], [read(3, 4, 1), read(7, 8, 2)]])).toBeUndefined()
  })

  it('lets a call that never ended have happened, or not', () => {
    const lost = op<RegisterCall>(1, Number.POSITIVE_INFINITY, ['write', 5], undefined)
    expect(explain(register, [[lost], [read(2, 3, 5)]])).toBeUndefined()
    expect(explain(register, [[lost], [read(2, 3, 0)]])).toBeUndefined()
    expect(explain(register, [[lost], [read(2, 3, 5), read(4, 5, 0)]])).toContain('not linearizable')
  })

  it('takes long histories: what was tried is not tried again', () => {
    const history = [0, 1, 2, 3].map(thread => Array.from({ length: 200 }, (_, i) => write(i * 10 + thread, i * 10 + 8, i)))
    expect(explain(register, [...history, [read(5000, 5001, 199)]])).toBeUndefined()
    expect(explain(register, [...history, [read(5000, 5001, 198)]])).toContain('not linearizable')
  })
})

describe('the models', () => {
  const ids = (...calls: readonly [IdCall, number][]): string | undefined =>
    explain(idTable, [calls.map(([call, answer], i) => op(2 * i, 2 * i + 1, call, answer))])

  it('of ids knows keys and forgets what was removed', () => {
    expect(ids([['get', 1], -ENOENT], [['create', 1], 0], [['create', 1], 0], [['createNew', 1], -EEXIST])).toBeUndefined()
    expect(ids([['create', 1], 0], [['remove', 0], 0], [['stat', 0], -EIDRM], [['create', 1], 1])).toBeUndefined()
    expect(ids([['create', 1], 0], [['create', 2], 0])).toContain('not linearizable')
    expect(ids([['create', 1], 0], [['remove', 0], 0], [['remove', 0], 0])).toContain('not linearizable')
    expect(ids([['create', 1], 0], [['remove', 0], 0], [['create', 1], 0])).toContain('not linearizable')
  })

  it('of ids sees one key given to two segments', () => {
    const both = [[op<IdCall>(1, 3, ['create', 1], 0)], [op<IdCall>(2, 4, ['create', 1], 1)]]
    expect(explain(idTable, both)).toContain('not linearizable')
  })

  it('of frames gives none twice', () => {
    const take = (began: number, ended: number, order: number, first: number): Operation<readonly ['take', number], number> =>
      op(began, ended, ['take', order], first)
    expect(explain(frameAllocator, [[take(1, 2, 3, 8)], [take(1, 2, 0, 16)]])).toBeUndefined()
    expect(explain(frameAllocator, [[take(1, 2, 3, 8)], [take(1, 2, 0, 15)]])).toContain('not linearizable')
    const given = [take(1, 2, 0, 8), op(3, 6, ['give', 8, 0] as const, 0)]
    expect(explain(frameAllocator, [given, [take(4, 5, 0, 8)]])).toBeUndefined()
    expect(explain(frameAllocator, [given, [take(1, 2, 0, 8)]])).toContain('not linearizable')
  })

  it('of semaphores does all changes or none', () => {
    const set = semaphoreSet(2)
    const both = [
      'try',
      [
        [0, -1],
        [1, -1],
      ],
    ] as const
    const up = [op(1, 2, ['set', 0, 1] as const, 0), op(3, 4, both, -EAGAIN), op(5, 6, ['get', 0] as const, 1)]
    expect(explain(set, [up])).toBeUndefined()
    expect(explain(set, [[...up.slice(0, 2), op(5, 6, ['get', 0] as const, 0)]])).toContain('not linearizable')
    expect(explain(set, [[op(1, 4, ['op', [[0, -1]]] as const, 0)], [op(2, 3, ['op', [[0, 1]]] as const, 0)]])).toBeUndefined()
    expect(explain(set, [[op(1, 2, ['op', [[0, -1]]] as const, 0)], [op(3, 4, ['op', [[0, 1]]] as const, 0)]])).toContain(
      'not linearizable',
    )
  })
})
