// How util-linux's ipcs prints users, times and sizes.

/** How sizes are shown: as each line has it, all in bytes, or with a unit, to a tenth. */
export type Unit = 'default' | 'bytes' | 'human'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The name of a user or group. A machine knows no other than root. */
export function owner(id: number): string {
  return id === 0 ? 'root' : String(id)
}

/** Seconds since 1970 as ctime(3) has them, in local time; 0 is not set. */
export function time(seconds: number): string {
  if (seconds === 0) return 'Not set'
  const date = new Date(seconds * 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  const day = String(date.getDate()).padStart(2)
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${day} ${clock} ${date.getFullYear()}`
}

/** The same without the weekday and the year. */
export function shortTime(seconds: number): string {
  return seconds === 0 ? 'Not set' : time(seconds).slice(4, 20)
}

const LETTERS = 'BKMGTPE'

/** Bytes with a unit, rounded to a tenth: size_to_human_string of util-linux's lib/strutils.c. */
export function human(bytes: bigint): string {
  let unit = 0
  while (unit < LETTERS.length - 1 && bytes >= 1n << BigInt(10 * (unit + 1))) unit++
  const shift = BigInt(10 * unit)
  const rest = bytes - ((bytes >> shift) << shift)
  const hundredths = ((((rest * 1000n) >> shift) + 50n) / 100n) * 10n
  const whole = (bytes >> shift) + (hundredths === 100n ? 1n : 0n)
  const tenth = hundredths === 100n ? 0n : hundredths / 10n
  return `${whole}${tenth === 0n ? '' : `.${tenth}`}${LETTERS[unit]}`
}

/** Bytes as a column or a line shows them. */
export function size(bytes: number | bigint, unit: Unit): string {
  return unit === 'human' ? human(BigInt(bytes)) : String(bytes)
}
