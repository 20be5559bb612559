// Sizes as people write and read them.

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** Bytes of a size: a number, or one with KiB, MiB or GiB behind it. */
export function parseSize(size: number | string): number {
  if (size === undefined) throw new TypeError("memory must be given, such as '64MiB'")
  const [, whole, part, unit = ''] = /^(?:(\d+)|(\d+(?:\.\d+)?) ?([KMG]iB))$/.exec(String(size)) ?? []
  const digits = whole ?? part
  if (digits === undefined)
    throw new TypeError(`${JSON.stringify(size)} is no size, such as 65536 or '64MiB': whole bytes, or a number of KiB, MiB or GiB`)
  return Math.floor(Number(digits) * (UNITS[unit] ?? 1))
}

/** Bytes in binary units, at most one digit behind the point. */
export function bytes(count: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const unit = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10))
  return `${Number((count / 2 ** (10 * unit)).toFixed(1)).toLocaleString('en-US')} ${units[unit]}`
}
