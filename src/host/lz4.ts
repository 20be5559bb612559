// How many bytes a page takes in zram with the algorithm lz4: compressed as LZ4_compress_default of Linux's lib/lz4 does it (Yann Collet's fast
// method). The length alone is wanted, so nothing is written.
import { PAGE_SIZE } from '../abi/layout.gen.js'
import { SLOT_SAME } from '../abi/swap.gen.js'

/** The fewest bytes that a match has; bytes at the end in which none begins, and of which none has any; the most that a token says of a length. */
const MIN_MATCH = 4
const MATCH_LIMIT = PAGE_SIZE - 12
const LITERALS_FROM = PAGE_SIZE - 5
const TOKEN_MOST = 15
/** Bits of a hash; of searches in vain until steps are longer; and the factor of the hash. */
const HASH_SHIFT = 32 - 13
const SKIP_SHIFT = 6
const FACTOR = 2654435761

/** Where in the page four bytes of a hash stood last. */
const places = new Uint16Array(2 ** 13)
const page = new Uint8Array(PAGE_SIZE)
const view = new DataView(page.buffer)
const words = new Int32Array(page.buffer)

function word(at: number): number {
  return view.getUint32(at, true)
}

function hash(at: number): number {
  return Math.imul(word(at), FACTOR) >>> HASH_SHIFT
}

/** Bytes behind a token that a length takes. */
function extra(length: number): number {
  return length < TOKEN_MOST ? 0 : 1 + Math.floor((length - TOKEN_MOST) / 255)
}

/** Where the page has the four bytes at a place last before, which is noted. */
function swapPlace(at: number): number {
  const slot = hash(at)
  const before = places[slot] as number
  places[slot] = at
  return before
}

/** Where the next match begins, and what it is like: both 0 if there is none; a search in vain for long takes longer steps. */
function findMatch(from: number): readonly [number, number] {
  let step = 1
  let tries = 1 << SKIP_SHIFT
  for (let at = from; ; ) {
    const next = at + step
    step = tries++ >> SKIP_SHIFT
    if (next > MATCH_LIMIT) return [0, 0]
    const match = swapPlace(at)
    if (word(match) === word(at)) return [at, match]
    at = next
  }
}

/** How long a match is beyond its first bytes. */
function matchLength(at: number, match: number): number {
  let length = 0
  while (at + MIN_MATCH + length < LITERALS_FROM && page[at + MIN_MATCH + length] === page[match + MIN_MATCH + length]) length++
  return length
}

/** From how many bytes on a page is stored as it is: zs_huge_class_size of Linux 6.18. */
const HUGE = 3625

/** The bytes that zram takes for the page at an address of a memory: a page's if it compresses too little; SLOT_SAME if it is one word of 8 bytes over and over. */
export function zramSize(memory: Uint8Array, address: number): number {
  page.set(memory.subarray(address, address + PAGE_SIZE))
  if (words.every((value, i) => value === words[i & 1])) return SLOT_SAME
  const size = lz4Size()
  return size < HUGE ? size : PAGE_SIZE
}

/** The bytes of `page`, compressed. */
function lz4Size(): number {
  places.fill(0)
  swapPlace(0)
  let [size, anchor, from] = [0, 0, 1]
  while (true) {
    let [at, match] = findMatch(from)
    if (at === 0) break
    while (at > anchor && match > 0 && page[at - 1] === page[match - 1]) [at, match] = [at - 1, match - 1]
    size += 1 + extra(at - anchor) + (at - anchor)
    while (true) {
      const length = matchLength(at, match)
      size += 2 + extra(length)
      at += MIN_MATCH + length
      anchor = at
      if (at > MATCH_LIMIT) break
      swapPlace(at - 2)
      match = swapPlace(at)
      if (word(match) !== word(at)) break
      // a token of its own, without literals
      size += 1
    }
    if (at > MATCH_LIMIT) break
    from = at + 1
  }
  const rest = PAGE_SIZE - anchor
  return size + 1 + extra(rest) + rest
}
