// Sizes as people write them.

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** Bytes of a size: a number, or one with KiB, MiB or GiB behind it. */
export function parseSize(size: number | string): number {
  if (size === undefined) throw new TypeError("memory must be given, such as '64MiB'")
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMG]iB)?$/.exec(String(size)) ?? []
  if (digits === undefined) throw new TypeError(`${JSON.stringify(size)} is no size, such as 65536 or '64MiB'`)
  return Math.floor(Number(digits) * (UNITS[unit] ?? 1))
}
