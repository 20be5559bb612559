import { closest, distance } from 'fastest-levenshtein'

/** `; did you mean 'x'?` if one of the candidates is near the word, else an empty string. */
export function nearest(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return ''
  const best = closest(word.toLowerCase(), candidates)
  return distance(word.toLowerCase(), best) <= Math.max(1, word.length / 2)
    ? `; did you mean '${best}'?`
    : `; there are ${candidates.join(', ')}`
}
