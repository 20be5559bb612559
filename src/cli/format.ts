// Numbers as people read them.

/** With commas between thousands. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US')
}

/** Bytes in binary units, at most one digit behind the point. */
export function bytes(count: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const unit = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10))
  return `${grouped(Number((count / 2 ** (10 * unit)).toFixed(1)))} ${units[unit]}`
}

/** A share of a whole in percent, two significant digits below 10 %. */
export function percent(share: number): string {
  const value = share * 100
  return `${Number(value < 10 ? value.toPrecision(2) : value.toFixed(0))}%`
}
