/** The core's random numbers below a bound, PCG-XSH-RR 64/32, written for clarity. */
export function pcg32(seed: number): (bound: number) => number {
  let state = 0n
  const next = (): bigint => {
    const old = state
    state = BigInt.asUintN(64, old * 6364136223846793005n + 1442695040888963407n)
    const xored = BigInt.asUintN(32, ((old >> 18n) ^ old) >> 27n)
    const turn = old >> 59n
    return BigInt.asUintN(32, (xored >> turn) | (xored << (32n - turn)))
  }
  next()
  state += BigInt(seed)
  next()
  return bound => Number((next() * BigInt(bound)) >> 32n)
}
