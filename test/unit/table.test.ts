import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { renderTable } from '#dist/cli/table.js'
import { makeReport } from './makeReport.ts'

const lines = (text: string): string[] => text.split('\n').map(line => line.trimEnd())

describe('the table of a replay', () => {
  const report = makeReport({ lru: [0.9, 0.5, 0.02], arc: [0.8, 0.5, 0.01], opt: [0.7, 0.4, 0.0051] })

  it('has a row a policy, best first, the best at each size marked, and the bound apart', () => {
    expect(lines(renderTable(report, false))).toEqual([
      'made.txt',
      'txt, 1,000,000 references, 75% reads, 20,000 distinct pages of 4 KiB (78.1 MiB)',
      '',
      ' miss ratio, %       20    2,000   10,000   M refs/s',
      '                   0.1%      10%      50%',
      '─────────────────────────────────────────────────────',
      ' arc             80.00*   50.00    1.000*       20.0',
      ' lru             90.00    50.00    2.000        20.0',
      '─────────────────────────────────────────────────────',
      ' opt             70.00    40.00    0.510        20.0',
      '',
      '* the fewest misses at that size; policies nearest the fewest at all sizes come first; opt: sees the future, no policy misses less; 2% are first references, which always miss',
    ])
  })

  it('is the same with colours, which are there for a terminal only', () => {
    expect(renderTable(report, true)).toContain('\u001b[')
    expect(stripVTControlCharacters(renderTable(report, true))).toBe(renderTable(report, false))
  })

  it('marks nothing if there is nothing to compare', () => {
    expect(renderTable(makeReport({ lru: [0.9, 0.5, 0.02] }), false)).not.toContain('*')
  })

  it('prints the bound alone', () => {
    expect(renderTable(makeReport({ opt: [0.9, 0.5, 0.02] }), false)).toMatch(/^ opt +90\.00 +50\.00 +2\.00/m)
  })

  it('prints one table a trace', () => {
    const text = renderTable(makeReport({ lru: [0.9, 0.5, 0.02] }, ['a.txt', 'b.txt']), false)
    expect(text).toMatch(/^a\.txt\n[\s\S]*\n\nb\.txt\n/)
    expect(text.match(/^ lru /gm)).toHaveLength(2)
  })
})
