// How /proc prints numbers: the widths of Linux's seq_file.

/** A number in decimal, at least so wide, to the right. */
export function right(value: number | bigint, width: number): string {
  return String(value).padStart(width)
}

/** A number in hexadecimal, at least so many digits. */
export function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** Pages of 4 KiB as kilobytes. */
export function kilobytes(pages: number): number {
  return pages * 4
}
