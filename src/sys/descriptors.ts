// The system calls on descriptors, and those that change what an inode is.
import { whole } from './arguments.js'
import { NameCalls } from './names.js'

/** dup(2), fcntl(2) and their like. */
export class DescriptorCalls extends NameCalls {
  /** Another descriptor of the same open file, the lowest that is free. */
  dup(fd: number): number {
    return this.check(this.kernel.exports.file_dup(this.pid, whole(fd, 'fd')), 'dup')
  }

  /** Makes `to` a descriptor of the same open file, and closes what it was. */
  dup2(fd: number, to: number): number {
    return this.check(this.kernel.exports.file_dup2(this.pid, whole(fd, 'fd'), whole(to, 'to')), 'dup2')
  }

  /** As dup2, but EINVAL if both are the same; with O_CLOEXEC the new descriptor is closed by exec. */
  dup3(fd: number, to: number, flags: number): number {
    return this.check(this.kernel.exports.file_dup3(this.pid, whole(fd, 'fd'), whole(to, 'to'), whole(flags, 'flags')), 'dup3')
  }

  /** Does a command of fcntl(2): F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_ADD_SEALS, F_GET_SEALS. */
  fcntl(fd: number, command: number, argument = 0): number {
    const { file_control } = this.kernel.exports
    return this.check(file_control(this.pid, whole(fd, 'fd'), whole(command, 'command'), whole(argument, 'argument')), 'fcntl')
  }

  /** A file without a name in any directory, open to read and write; `name` is for /proc alone. Returns its descriptor. */
  memfd_create(name: string, flags: number): number {
    whole(flags, 'flags')
    return this.check(this.kernel.exports.file_memfd(this.pid, this.text(name), flags), 'memfd_create')
  }

  /** Changes the permissions of an open file. */
  fchmod(fd: number, mode: number): void {
    this.check(this.kernel.exports.file_chmod(this.pid, whole(fd, 'fd'), whole(mode, 'mode')), 'fchmod')
  }

  /** Changes the owner and the group of an open file; -1 leaves either. */
  fchown(fd: number, uid: number, gid: number): void {
    this.check(this.kernel.exports.file_chown(this.pid, whole(fd, 'fd'), whole(uid, 'uid'), whole(gid, 'gid')), 'fchown')
  }

  /** Sets which permissions new files do not get; returns which those were. */
  umask(mask: number): number {
    return this.check(this.kernel.exports.file_umask(this.pid, whole(mask, 'mask')), 'umask')
  }
}
