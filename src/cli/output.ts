// Output files are written beside their place and renamed into it, so that nobody ever sees half
// a file; what is unfinished when the process ends is removed.
import { rmSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { atExit } from '../core/atExit.js'
import { InputError } from '../core/errors.js'
import { placeOf } from '../core/place.js'

/** What can be written: all at once, or piece by piece. */
export type Contents = string | Uint8Array | AsyncIterable<Uint8Array | string>

/**
 * Writes a file so that it is there as a whole or as it was before. What is no regular file,
 * such as /dev/stdout, is written directly.
 *
 * Throws an InputError if it cannot be written, and whatever `contents` throws.
 */
export async function writeWhole(path: string, contents: Contents): Promise<void> {
  const { place, direct } = placeOf(path)
  if (direct) return attempt(path, () => writeFile(place, contents))
  const beside = temporary(place)
  const forget = atExit(() => rmSync(beside, { force: true }))
  try {
    await attempt(path, () => writeFile(beside, contents))
    await attempt(path, () => rename(beside, place))
  } finally {
    // Where there is no such directory either, there is nothing to remove.
    await rm(beside, { force: true }).catch(() => {})
    forget()
  }
}

/** Throws an InputError if `writeWhole` could not write this file; to be called before long work. */
export async function requireWritable(path: string): Promise<void> {
  const { place, direct } = placeOf(path)
  if (direct) return
  await attempt(path, async () => {
    await writeFile(temporary(place), '')
    await rm(temporary(place))
  })
}

function temporary(place: string): string {
  return join(dirname(place), `.${basename(place)}.${process.pid}.part`)
}

/** Runs file operations; their errors become one that names the file asked for. */
async function attempt(path: string, operation: () => Promise<void>): Promise<void> {
  try {
    await operation()
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error
    const reason =
      error.code === 'ENOENT' || error.code === 'ENOTDIR'
        ? `there is no directory ${dirname(path)}`
        : error.message.replace(/^\w+: (.*?),.*$/, '$1')
    throw new InputError(`cannot write ${path}: ${reason}`)
  }
}
