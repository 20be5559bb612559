import { closest, distance } from 'fastest-levenshtein'

/** `; did you mean 'x'?` if one of the candidates is near the word or begins with it, else `; there are` and all of them. */
export function nearest(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return ''
  const typed = word.toLowerCase()
  const longer = typed.length > 1 ? candidates.find(candidate => candidate.toLowerCase().startsWith(typed)) : undefined
  const best = longer ?? closest(typed, candidates)
  return longer || distance(typed, best.toLowerCase()) <= Math.max(1, word.length / 2)
    ? `; did you mean '${best}'?`
    : `; there are ${candidates.join(', ')}`
}
