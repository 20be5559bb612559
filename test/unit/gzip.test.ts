import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { gunzip, gzip, storedGzip } from '#dist/host/gzip.js'

it.each([0, 1, 65535, 65536, 200_000])('gzip without compression is read by zlib: %i bytes', async length => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7919) >> 3)
  const stored = storedGzip(bytes)
  expect(Buffer.compare(gunzipSync(stored), bytes)).toBe(0)
  for (const packed of [stored, gzip(bytes)]) expect(Buffer.compare((await gunzip(packed)) as Uint8Array, bytes)).toBe(0)
  stored[stored.length - 8] = (stored.at(-8) as number) ^ 1
  expect(await gunzip(stored)).toBeUndefined()
})
