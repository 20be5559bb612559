// The axis of misses, in percent: from 0, or logarithmic where the curves span so much that most
// of them would lie on the floor.

/** An axis of misses. */
export interface Scale {
  logarithmic: boolean
  min: number
  max: number
}

/** From this ratio of the most to the fewest misses the axis is logarithmic. */
const LOG_FROM = 30

/** An axis for these percentages. */
export function missScale(percents: readonly number[]): Scale {
  const [least, most] = [Math.min(...percents), Math.max(...percents)]
  if (least > 0 && most / least >= LOG_FROM) return { logarithmic: true, min: niceBelow(least), max: Math.min(100, niceAbove(most)) }
  // Not from 0 where that would press the curves together at the top.
  const base = least > most / 3 ? least : 0
  const step = niceAbove(Math.max(most - base, most / 20, 0.01) / 5)
  const multiple = (count: number): number => tidy(count * step)
  const top = Math.max(1, Math.ceil(most / step))
  return { logarithmic: false, min: multiple(Math.min(Math.floor(base / step), top - 1)), max: Math.min(100, multiple(top)) }
}

/** Where a percentage stands on the axis, from 0 at its top to 1 at its foot. */
export function fromTop({ logarithmic, min, max }: Scale, percent: number): number {
  return logarithmic ? Math.log(max / percent) / Math.log(max / min) : (max - percent) / (max - min)
}

/** The ticks of a logarithmic axis: 1, 2 and 5 times the powers of ten, and both ends. */
export function logTicks({ min, max }: Scale): number[] {
  const ticks = [min]
  for (let tick = min; tick < max; ) {
    tick = Math.min(max, niceAbove(tick * 1.01))
    ticks.push(tick)
  }
  return ticks
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below `value`. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return tidy(power * ([1, 2, 5].find(factor => factor * power >= value) ?? 10))
}

/** The largest of 1, 2 and 5 times a power of ten that is not above `value`. */
function niceBelow(value: number): number {
  return tidy(1 / niceAbove(1 / value))
}

/** Without the dust of binary fractions. */
function tidy(value: number): number {
  return Number(value.toPrecision(12))
}
