// Making generations, and freeing them. Takes, in both functions: Slab, Zone.
import { ANON_AND_FILE, MAX_NR_GENS, MIN_NR_GENS } from '../abi/generation'
import { now } from '../sync/host'
import { allocBytes, freeBytes } from './bytes'
import { FILTER_BYTES, Generations } from './generations'

/** New generations, of a group without pages; null if there is no memory. Takes: Slab. */
export function newGenerations(): Generations | null {
  const generations = changetype<Generations>(allocBytes(<u32>Generations.size))
  if (!generations) return null
  generations.maxSeq = MIN_NR_GENS + 1
  for (let gen: u32 = 0; gen < MAX_NR_GENS; gen++) {
    generations.setBorn(gen, now())
    for (let file: u32 = 0; file < ANON_AND_FILE; file++) generations.list(gen, file).reset()
  }
  return generations
}

/** Frees the generations of a group that has no pages any more. Takes: Slab, Zone. */
export function freeGenerations(generations: Generations): void {
  for (let seq: u32 = 0; seq < 2; seq++) {
    const filter = load<u32>(generations.filterAt(seq))
    if (filter !== 0) freeBytes(filter, FILTER_BYTES)
  }
  freeBytes(changetype<usize>(generations), <u32>Generations.size)
}
