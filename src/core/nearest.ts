import { closest, distance } from 'fastest-levenshtein'

/** `; did you mean 'x'?` if one of the candidates is near the word, begins with it or has its letters in another order, else `; there are` and all of them. */
export function nearest(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return ''
  const typed = word.toLowerCase()
  const longer = typed.length > 1 ? candidates.find(candidate => candidate.toLowerCase().startsWith(typed)) : undefined
  const sure = longer ?? candidates.find(candidate => sorted(candidate.toLowerCase()) === sorted(typed))
  const best = sure ?? closest(typed, candidates)
  return sure || distance(typed, best.toLowerCase()) <= Math.max(1, word.length / 2)
    ? `; did you mean '${best}'?`
    : `; there are ${candidates.join(', ')}`
}

/** The letters of a word in order: swapped letters are the commonest slip, and count as two in an edit distance. */
function sorted(word: string): string {
  return [...word].sort().join('')
}
