import { InputError, openTrace } from 'faultline'
import { describe, expect, it } from 'vitest'
import { openBytes, textOf } from './traces.ts'

const open = (...lines: string[]) => openBytes(`${lines.join('\n')}\n`)

describe('a trace of events', () => {
  it('says which process executes which references', async () => {
    const { events } = await open('1 r 0x1000', 'r 0x2000', '2 r 0x1000 8192', 'r 0x5000', '2 w 0x1000', '1 r 0')
    expect(events).toEqual({ turns: { at: [2, 6], process: [2, 1] }, calls: [] })
  })

  it('has calls at their places, with what they ask for', async () => {
    const { events, references } = await open(
      'mmap 0x1000 8192',
      'w 0x1000',
      '1 fork 2',
      '2 mmap 0x10000 4096 private',
      '2 mmap 0x20000 4096 ro shared',
      '2 r 0x20000',
      '2 mmap 0x30000 4096 shared heap',
      '3 mmap 196608 0x1000 ro shared heap 8192',
      '3 munmap 0x30000 4096',
      '2 exit',
    )
    expect(references).toBe(2)
    expect(events?.turns).toEqual({ at: [1, 2, 2], process: [2, 3, 2] })
    expect(events?.calls).toEqual([
      { at: 0, process: 1, line: 1, call: { name: 'mmap', address: 0x1000, length: 8192, write: true } },
      { at: 1, process: 1, line: 3, call: { name: 'fork', child: 2 } },
      { at: 1, process: 2, line: 4, call: { name: 'mmap', address: 0x10000, length: 4096, write: true, kind: 'private' } },
      { at: 1, process: 2, line: 5, call: { name: 'mmap', address: 0x20000, length: 4096, write: false, kind: 'shared' } },
      {
        at: 2,
        process: 2,
        line: 7,
        call: { name: 'mmap', address: 0x30000, length: 4096, write: true, kind: 'shared', object: 'heap', offset: 0 },
      },
      {
        at: 2,
        process: 3,
        line: 8,
        call: { name: 'mmap', address: 0x30000, length: 4096, write: false, kind: 'shared', object: 'heap', offset: 8192 },
      },
      { at: 2, process: 3, line: 9, call: { name: 'munmap', address: 0x30000, length: 4096 } },
      { at: 2, process: 2, line: 10, call: { name: 'exit' } },
    ])
  })

  it('has its calls at their places across batches', async () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `r ${4096 * (i % 50)}`)
    lines[150_000] = '1 exit'
    expect((await openBytes(lines.join('\n'), { format: 'events' })).events?.calls).toEqual([
      { at: 150_000, process: 1, line: 150_001, call: { name: 'exit' } },
    ])
  })

  it('is told from a trace of the same letters', async () => {
    expect((await open('r 0x5004', 'w 0x5000')).format).toBe('dinero')
    expect((await open('r 0x5004', '1 w 0x5000')).format).toBe('events')
    expect((await open('r 0x5004')).events).toBeUndefined()
  })

  it('without events has none', async () => {
    expect(await openTrace([1, 2])).not.toHaveProperty('events')
  })

  it('counts pages of one address once, whatever the process', async () => {
    const trace = await open('1 r 0x1000', '2 r 0x1000')
    expect([trace.uniquePages, textOf(trace)]).toEqual([1, '1r 1r'])
  })

  it.each([
    '0 r 0x1000',
    '4194305 r 0x1000',
    '4294967297 r 0x1000',
    '1',
    '1 x 0x1000',
    '1 r',
    '1 r4096',
    '1 r 0xg',
    '1 r 0x1000 4294967296',
    '1 r 0x1000 8 8',
    '1 mmap',
    '1 mmap 0x1000',
    '1 mmap 0x1000 -1',
    '1 mmap 0x1000 1e3',
    '1 mmap 0x1000 9007199254740992',
    '1 mmap 0x1000 4096 rw',
    '1 mmap 0x1000 4096 private heap',
    '1 mmap 0x1000 4096 shared heap x',
    '1 mmap 0x1000 4096 shared heap 0 0',
    '1 munmap 0x1000',
    '1 munmap 0x1000 4096 4096',
    '1 fork',
    '1 fork 0',
    '1 fork 2 3',
    '1 exit 0',
    '1 constructor',
    '1 Exit',
  ])('with the line %s is refused', async line => {
    const error = await openBytes(`1 r 0x1000\n${line}\n`, { format: 'events' }).catch(e => e)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toBe(
      `(stream): line 2: expected 'r' or 'w', an address and a size, or 'mmap', 'munmap', 'fork' or 'exit' with what belongs to it, found '${line}'`,
    )
  })
})
