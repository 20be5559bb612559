// gzip, in Node and in a browser. A browser has no compressor that answers at once, so that there bytes are stored as they are,
// which is gzip all the same.
import { builtin, isNode } from './builtin.js'

/** Bytes of a block that is stored, at most; of what stands before it, before all blocks and behind them. */
const MOST = 65535
const [BLOCK, HEAD, TAIL] = [5, 10, 8]

/** The checksum that ends a gzip: CRC-32. */
function crc32(bytes: Uint8Array): number {
  const table = Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)
    return value
  })
  let crc = -1
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 255] as number)
  return ~crc >>> 0
}

/** Bytes as a gzip that does not compress. */
export function storedGzip(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / MOST))
  const out = new Uint8Array(HEAD + blocks * BLOCK + bytes.length + TAIL)
  const view = new DataView(out.buffer)
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
  let at = HEAD
  for (let block = 0; block < blocks; block++) {
    const part = bytes.subarray(block * MOST, (block + 1) * MOST)
    view.setUint8(at, Number(block === blocks - 1))
    view.setUint16(at + 1, part.length, true)
    view.setUint16(at + 3, ~part.length & 0xffff, true)
    out.set(part, at + BLOCK)
    at += BLOCK + part.length
  }
  view.setUint32(at, crc32(bytes), true)
  view.setUint32(at + 4, bytes.length, true)
  return out
}

/** Bytes as a gzip. */
export function gzip(bytes: Uint8Array): Uint8Array {
  if (!isNode) return storedGzip(bytes)
  const { constants, gzipSync } = builtin('node:zlib', 'gzip')
  return gzipSync(bytes, { level: constants.Z_BEST_SPEED })
}

/** The contents of a gzip; undefined if its own checksum says that it is damaged. Throws an Error in a browser. */
export function gunzipNow(packed: Uint8Array): Uint8Array | undefined {
  const { gunzipSync } = builtin('node:zlib', 'unpacking without waiting')
  try {
    return gunzipSync(packed)
  } catch {
    return undefined
  }
}

/** As gunzipNow, in a browser too. */
export async function gunzip(packed: Uint8Array): Promise<Uint8Array | undefined> {
  if (isNode) return gunzipNow(packed)
  try {
    const stream = new Blob([packed.slice()]).stream().pipeThrough(new DecompressionStream('gzip'))
    return new Uint8Array(await new Response(stream).arrayBuffer())
  } catch {
    return undefined
  }
}
