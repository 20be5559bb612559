// Where the core's sources lie, and the paths by which asc knows those that are not ours.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's own directory, with a slash at the end. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The folder in which asc sees the whole file system, since it resolves paths inside the package only. */
const OUTSIDE = 'outside'

/** The path by which asc knows a file outside the package. */
export function outsidePath(path: string): string {
  const absolute = resolve(path).replaceAll('\\', '/')
  return OUTSIDE + (absolute.startsWith('/') ? absolute : `/${absolute}`)
}

/** Where the file is that asc knows by this path. */
export function diskPath(file: string): string {
  if (!file.startsWith(`${OUTSIDE}/`)) return PACKAGE_ROOT + file
  return file.slice(OUTSIDE.length).replace(/^\/(?=[A-Za-z]:)/, '')
}
