import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => vi.restoreAllMocks())

it('spins where the thread may not sleep, until the word changes or a millisecond has passed', async () => {
  const sleep = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    throw new TypeError('Atomics.wait cannot be called in this context')
  })
  vi.resetModules()
  const { waitForChange } = await import('#dist/core/wait.js')
  const words = new Int32Array(new SharedArrayBuffer(8))
  const start = performance.now()
  waitForChange(words, 1, 7, 60_000)
  expect(performance.now() - start).toBeLessThan(30_000)
  waitForChange(words, 1, 0, 60_000)
  expect(performance.now() - start).toBeGreaterThanOrEqual(1)
  expect(performance.now() - start).toBeLessThan(30_000)
  // it asked once whether it may sleep
  expect(sleep).toHaveBeenCalledTimes(1)
})
