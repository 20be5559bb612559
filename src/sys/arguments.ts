// What every call asks of its arguments.

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'bigint') return `the bigint ${value}n`
  if (typeof value === 'string') return JSON.stringify(value)
  // such as [object Array]: not what is in it, which may be megabytes
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value)
}

/** The argument if it is a whole number. Throws a TypeError that names it if not. */
export function whole(value: number, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new TypeError(`${name} must be a whole number, not ${shown(value)}`)
  return value
}

/** The argument if it is a whole number; NaN, which the core leaves things as they are for, if it is undefined. */
export function wholeOrSame(value: number | undefined, name: string): number {
  return value === undefined ? Number.NaN : whole(value, name)
}

/** The argument if it is a bigint. Throws a TypeError that names it if not. */
export function wide(value: bigint, name: string): bigint {
  if (typeof value !== 'bigint') throw new TypeError(`${name} must be a bigint, not ${shown(value)}`)
  return value
}

/** The argument if it is an object with no other keys than these. Throws a TypeError that names the first other. */
export function options<Options extends object>(value: Options, known: readonly string[], name: string): Options {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be an object, not ${shown(value)}`)
  const strange = Object.keys(value).find(key => !known.includes(key))
  if (strange !== undefined) throw new TypeError(`${name} have no ${shown(strange)}, but ${known.join(', ')}`)
  return value
}
