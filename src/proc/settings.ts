// Settings whose digits a number of JavaScript's does not hold.

/** A setting's value. The largest limits of segments, 2^64 - 2^24 - 1, are no number of JavaScript's: the next one stands for them. */
export function exactSetting(value: number): bigint {
  return value === 2 ** 64 - 2 ** 24 ? 2n ** 64n - 2n ** 24n - 1n : BigInt(value)
}
