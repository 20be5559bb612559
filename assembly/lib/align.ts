/** Rounds a size up to a multiple of 8. */
export function align8(bytes: usize): usize {
  return (bytes + 7) & ~7
}
