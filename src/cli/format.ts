// Numbers as people read them.

export { bytes } from '../sys/size.js'

/** With commas between thousands. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US')
}

/** A share of a whole in percent, two significant digits below 10 %. */
export function percent(share: number): string {
  const value = share * 100
  return `${Number(value < 10 ? value.toPrecision(2) : value.toFixed(0))}%`
}
