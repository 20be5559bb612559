import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { plotKind, renderPlot } from '#dist/cli/plot.js'
import { placeLabels } from '#dist/cli/plotLabels.js'
import { fromTop, logTicks, missScale } from '#dist/cli/plotScale.js'
import { UsageError } from '#dist/core/errors.js'
import { makeReport } from './makeReport.ts'

const ratios = { lru: [0.9, 0.5, 0.02], arc: [0.8, 0.5, 0.01], opt: [0.7, 0.4, 0.0051] }

/** The elements of an XML text, which must nest. */
function elements(xml: string): string[] {
  const open: string[] = []
  const names: string[] = []
  for (const [, close, name = '', self] of xml.matchAll(/<(\/?)([\w:]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name)
    else {
      names.push(name)
      if (!self) open.push(name)
    }
  }
  expect(open).toEqual([])
  return names
}

describe('a plot of miss-ratio curves', () => {
  it('is a well-formed SVG that names the trace, the axes and every policy', async () => {
    const svg = await renderPlot(makeReport(ratios), 'svg')
    expect(svg).toMatch(/^<svg width="960" height="\d+" xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(elements(svg)[0]).toBe('svg')
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(match => match[1])
    expect(texts).toEqual(
      expect.arrayContaining(['lru', 'arc', 'opt (bound)', 'Miss ratio by cache size: made.txt', '20', '2,000', '10,000', '100']),
    )
    expect(texts.some(text => text?.startsWith('cache size in page frames, logarithmic'))).toBe(true)
    expect(texts).toContain('misses in % of references, logarithmic')
  })

  it('draws a line through the results of each policy, that of the bound dashed', async () => {
    const svg = await renderPlot(makeReport(ratios), 'svg')
    const lines = [...svg.matchAll(/<path d="M72 [^"]*" fill="none"[^>]*? stroke="(#\w+)" stroke-width="(2|2\.5)"([^>]*)>/g)]
    expect(lines.map(([, , width]) => width)).toEqual(['2', '2', '2.5'])
    expect(new Set(lines.map(([, colour]) => colour)).size).toBe(3)
    expect(lines.map(([, , , rest]) => rest?.includes('stroke-dasharray'))).toEqual([false, false, true])
  })

  it('has a panel for each trace', async () => {
    const svg = await renderPlot(makeReport(ratios, ['one.txt', 'two.txt']), 'svg')
    expect(svg).toContain('Miss ratio by cache size: one.txt')
    expect(svg).toContain('>two.txt<')
    expect(svg.match(/>misses in % of references, logarithmic</g)).toHaveLength(2)
  })

  it('escapes what comes from file names', async () => {
    const svg = await renderPlot(makeReport(ratios, ['<a> & "b".txt']), 'svg')
    elements(svg)
    expect(svg).toContain('&lt;a&gt; &amp; ')
  })

  it.each([
    ['one size', [100], [0.5]],
    ['two near sizes', [100, 150], [0.5, 0.4]],
    ['many sizes', Array.from({ length: 50 }, (_, i) => 10 * (i + 1)), Array.from({ length: 50 }, (_, i) => 1 / (i + 1))],
  ] as const)('draws %s', async (_, frames, row) => {
    const svg = await renderPlot(makeReport({ lru: row, clock: row }, ['made.txt'], frames), 'svg')
    elements(svg)
    expect(svg).not.toContain('NaN')
  })

  it('is, as HTML, one page with the library and the curves in it', async () => {
    const page = await renderPlot(makeReport(ratios, ['<!-- <b>.txt']), 'html')
    expect(page.replace(/<script>[\s\S]*?<\/script>/g, '')).not.toMatch(/\b(src|href)=/)
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(match => match[1] as string)
    expect(scripts).toHaveLength(2)
    for (const script of scripts) new Script(script)
    expect(scripts[1]).toContain('"name":"opt (bound)"')
  })

  it('goes to an .svg or an .html file', () => {
    expect(['a.svg', 'b/A.SVG', 'a.html', 'a.htm'].map(plotKind)).toEqual(['svg', 'svg', 'html', 'html'])
    for (const path of ['a.png', 'svg', 'a.svg.gz', '.svg']) expect(() => plotKind(path), path).toThrow(UsageError)
  })
})

describe('missScale', () => {
  it.each([
    ['from 0', [40, 10, 90], { logarithmic: false, min: 0, max: 100 }],
    ['near the data where they keep far from 0', [61, 64, 78], { logarithmic: false, min: 60, max: 80 }],
    ['around equal numbers up to the end', [100, 100], { logarithmic: false, min: 99, max: 100 }],
    ['around equal numbers', [50, 50], { logarithmic: false, min: 49.5, max: 50 }],
    ['logarithmic where they span much', [12.3, 0.0215], { logarithmic: true, min: 0.02, max: 20 }],
    ['from 0 where a curve reaches it', [10, 0], { logarithmic: false, min: 0, max: 10 }],
    ['a strip where all is 0', [0, 0], { logarithmic: false, min: 0, max: 0.002 }],
    ['never beyond 100 %', [99, 0.3], { logarithmic: true, min: 0.2, max: 100 }],
  ])('is %s', (_, percents, expected) => expect(missScale(percents)).toEqual(expected))

  it('places percentages between its top and its foot', () => {
    const linear = { logarithmic: false, min: 0, max: 50 }
    expect([50, 25, 0].map(percent => fromTop(linear, percent))).toEqual([0, 0.5, 1])
    const log = { logarithmic: true, min: 0.1, max: 10 }
    expect([10, 1, 0.1].map(percent => Number(fromTop(log, percent).toFixed(9)))).toEqual([0, 0.5, 1])
  })

  it('has ticks at 1, 2 and 5 times the powers of ten', () =>
    expect(logTicks({ logarithmic: true, min: 0.2, max: 20 })).toEqual([0.2, 0.5, 1, 2, 5, 10, 20]))
})

describe('placeLabels', () => {
  it('leaves labels that do not touch where they wish to be', () => expect(placeLabels([10, 90, 50], 15, 100)).toEqual([10, 90, 50]))

  it('spreads those that would overlap around their mean, in order', () =>
    expect(placeLabels([52, 50, 51, 95], 10, 100)).toEqual([61, 41, 51, 95]))

  it('joins clusters that grow into each other', () => expect(placeLabels([20, 20, 26, 40], 10, 100)).toEqual([11.5, 21.5, 31.5, 41.5]))

  it('keeps clusters inside', () => expect(placeLabels([0, 1, 99, 100], 10, 100)).toEqual([0, 10, 90, 100]))

  it('never lets two overlap', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const wishes = Array.from({ length: 20 }, (_, i) => (seed * 7919 * (i + 1)) % 400)
      const places = placeLabels(wishes, 15, 400).toSorted((a, b) => a - b)
      for (const [i, place] of places.entries())
        if (i > 0) expect(place - (places[i - 1] as number), `seed ${seed}`).toBeGreaterThan(14.999)
    }
  })
})
