// Options of the commands.
import { InvalidArgumentError } from 'commander'

/** A whole number from 0 on. Throws if the text is none. */
export function natural(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('it is no whole number')
  return Number(text)
}
