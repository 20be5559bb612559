import { PassThrough } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Progress } from '#dist/cli/progress.js'

/** A stream that says whether it is a terminal, and what was written to it. */
function stream(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  const through = Object.assign(new PassThrough(), { isTTY, columns: 80 })
  return { stream: through as unknown as NodeJS.WriteStream, written: () => String(through.read() ?? '') }
}

describe('the progress bar', () => {
  it('is drawn on a terminal, once the work has taken a while, and cleared at its end', async () => {
    const before = process.listenerCount('exit')
    const { stream: terminal, written } = stream(true)
    const progress = new Progress(terminal)
    progress.update('decoding', 10, 100)
    expect(written()).toBe('')
    await setTimeout(450)
    progress.update('decoding', 50, 100)
    const bar = written()
    expect(stripVTControlCharacters(bar)).toMatch(/^decoding \[=+-+\] 50%/)
    progress.update('replaying', 25, 100)
    expect(stripVTControlCharacters(written())).toMatch(/replaying \[=+-+\] 25%/)
    progress.stop()
    // Lines wrap again, and the bar's line is empty.
    expect(written()).toContain('\u001b[?7h')
    expect(process.listenerCount('exit')).toBe(before)
  })

  it('counts where the end is not known', async () => {
    const { stream: terminal, written } = stream(true)
    const progress = new Progress(terminal)
    await setTimeout(450)
    progress.update('decoding', 12_345)
    expect(stripVTControlCharacters(written())).toMatch(/^decoding 12345/)
    progress.stop()
  })

  it('is not drawn into files and pipes', async () => {
    const { stream: pipe, written } = stream(false)
    const progress = new Progress(pipe)
    await setTimeout(450)
    progress.update('decoding', 50, 100)
    progress.stop()
    expect(written()).toBe('')
  })
})
