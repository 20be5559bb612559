// What every call asks of its arguments.

/** The argument if it is a whole number. Throws a TypeError that names it if not. */
export function whole(value: number, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new TypeError(`${name} must be a whole number, not ${String(value)}`)
  return value
}

/** The argument if it is a bigint. Throws a TypeError that names it if not. */
export function wide(value: bigint, name: string): bigint {
  if (typeof value !== 'bigint') throw new TypeError(`${name} must be a bigint, not ${String(value)}`)
  return value
}
