import { describe, expect, it } from 'vitest'
import { UsageError } from '#dist/core/errors.js'
import { type FramesSpec, parseFrames } from '#dist/sim/frames.js'

const trace = { uniquePages: 12_345, pageSize: 4096 }
const frames = (spec?: FramesSpec): number[] => parseFrames(spec)(trace)

describe('parseFrames', () => {
  it.each([
    ['a count', '1000', [1000]],
    ['a number', 1000, [1000]],
    ['percentages of the distinct pages, rounded', '10%, 0.1%', [12, 1235]],
    ['at least one frame', '0.0001%', [1]],
    ['more than the distinct pages', '200%', [24690]],
    ['binary sizes over the page size', '64MiB,1GiB,8KiB', [2, 16384, 262144]],
    ['decimal sizes, rounded down', '10kB,1MB,1.5MB', [2, 244, 366]],
    ['units in any case', '64mib,64MIB', [16384]],
    ['a list of all kinds, ascending, each once', [1235, '10%', '5,7', 5], [5, 7, 1235]],
  ] as const)('takes %s: %j', (_, spec, expected) => expect(frames(spec)).toEqual(expected))

  it('has sizes of its own when none are given', () => expect(frames()).toEqual([12, 123, 617, 1235, 3086, 6173]))

  it('merges its own sizes on a small trace', () => expect(parseFrames()({ uniquePages: 10, pageSize: 4096 })).toEqual([1, 3, 5]))

  it('resolves sizes against the trace at hand', () => {
    const resolve = parseFrames('50%,64KiB')
    expect(resolve({ uniquePages: 100, pageSize: 4096 })).toEqual([16, 50])
    expect(resolve({ uniquePages: 1000, pageSize: 8192 })).toEqual([8, 500])
  })

  it.each([
    ['0', "a cache needs at least 1 frame, not '0'"],
    ['0%', "a cache needs at least 1 frame, not '0%'"],
    ['-5', "a cache needs at least 1 frame, not '-5'"],
    [-5, "a cache needs at least 1 frame, not '-5'"],
    ['1.5', "a number of frames is whole, not '1.5'"],
    [Number.NaN, "'NaN' is no cache size"],
    [Number.POSITIVE_INFINITY, "'Infinity' is no cache size"],
    ['', "'' is no cache size"],
    ['10,,20', "'' is no cache size"],
    ['many', "'many' is no cache size"],
    ['64MiBs', "'64MiBs' is no cache size"],
    ['1.2.3', "'1.2.3' is no cache size"],
    ['1073741825', "'1073741825' is more than an engine can hold: 1073741824 frames (2^30)"],
    ['1e99', "'1e99' is more than an engine can hold"],
    ['9000000000000%', "'9000000000000%' is more than an engine can hold"],
    ['5TiB', "'5TiB' is more than an engine can hold"],
    ['1KiB', "'1KiB' is less than one page of 4096 bytes"],
    [[], 'no cache size given'],
  ])('refuses %j', (spec, message) => {
    expect(() => frames(spec)).toThrow(UsageError)
    expect(() => frames(spec)).toThrow(message)
  })
})
