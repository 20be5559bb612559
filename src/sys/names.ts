// The system calls on names: directories, links, renaming.
import { ENOMEM } from '../abi/errno.gen.js'
import { PATH_MAX } from '../abi/fcntl.gen.js'
import { BUFFER_SIZE } from '../abi/layout.gen.js'
import { whole } from './arguments.js'
import { FileCalls, pathBytes } from './files.js'

/** mkdir(2), link(2), rename(2) and their like. Every path begins at the root. */
export class NameCalls extends FileCalls {
  /** Makes an empty directory. */
  mkdir(path: string, mode = 0o777): void {
    whole(mode, 'mode')
    this.check(this.kernel.exports.file_mkdir(this.pid, this.text(path), mode), 'mkdir', path)
  }

  /** Takes an empty directory away. */
  rmdir(path: string): void {
    this.check(this.kernel.exports.file_rmdir(this.pid, this.text(path)), 'rmdir', path)
  }

  /** Does something with two paths, which are staged. */
  #withPaths(from: string, to: string, syscall: string, call: (fromLength: number, toLength: number) => number): void {
    const paths = [from, to].map(pathBytes)
    const staged = paths.map(bytes => bytes.subarray(0, PATH_MAX))
    const bytes = staged.reduce((sum, path) => sum + path.length, 0)
    const { exports, view } = this.kernel
    const at = this.check(exports.stage_take(this.pid, bytes), syscall)
    if (at === 0) this.fail(ENOMEM, syscall, from)
    staged.reduce((place, path) => {
      new Uint8Array(view.buffer, place, path.length).set(path)
      return place + path.length
    }, at)
    const [first, second] = paths as [Uint8Array, Uint8Array]
    const result = call(first.length, second.length)
    if (bytes > BUFFER_SIZE) exports.stage_drop(this.pid)
    this.check(result, syscall, from)
  }

  /** Makes `to` one more name of the file `from`. */
  link(from: string, to: string): void {
    this.#withPaths(from, to, 'link', (fromLength, toLength) => this.kernel.exports.file_link(this.pid, fromLength, toLength))
  }

  /**
   * Gives what is named `from` the name `to`: in place of what had that, which must be an empty directory if `from` is a
   * directory, and none if not. With RENAME_NOREPLACE that is EEXIST, with RENAME_EXCHANGE it gets the name `from`: renameat2(2).
   */
  rename(from: string, to: string, flags = 0): void {
    whole(flags, 'flags')
    this.#withPaths(from, to, 'rename', (fromLength, toLength) => this.kernel.exports.file_rename(this.pid, fromLength, toLength, flags))
  }
}
