// Where an output file is to be written.
import { realpathSync, type Stats, statSync } from 'node:fs'
import { InputError, UsageError } from './errors.js'

/** The file behind symbolic links, and whether it is to be written in place, being no regular file. */
export interface Place {
  place: string
  direct: boolean
}

/** Throws a UsageError for a path without a name, and an InputError for a directory. */
export function placeOf(path: string): Place {
  if (path === '') throw new UsageError('the file to write has no name')
  const { place = path, stat } = existing(path)
  if (stat?.isDirectory()) throw new InputError(`cannot write ${path}: it is a directory`)
  return { place, direct: stat !== undefined && !stat.isFile() }
}

/** What is there; nothing if it cannot be looked at, for then neither can it be written, and that failure says why. */
function existing(path: string): { place?: string; stat?: Stats } {
  try {
    const place = realpathSync(path)
    return { place, stat: statSync(place) }
  } catch {
    return {}
  }
}
