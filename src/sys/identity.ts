// A process's identity: user, group and supplementary groups, with the calls that change them.
import { NGROUPS_MAX } from '../abi/limits.gen.js'
import { IdentityReportLayout } from '../core/layout.gen.js'
import { shown, whole } from './arguments.js'
import { MqCalls } from './mqueue.js'

/** Real, effective and saved id. */
export type Ids = [real: number, effective: number, saved: number]

/**
 * Who a process is. An id is a whole number that the calls take modulo 2^32, so that -1 leaves an id
 * as it is where Linux says so, and is EINVAL elsewhere. Effective user 0 may do everything. A call
 * throws a SysError EPERM where another user may not change an id, ESRCH once the process has ended.
 */
export class IdentityCalls extends MqCalls {
  /** A field of struct IdentityReport, or one of the groups behind it. */
  #identity(syscall: string): (offset: number) => number {
    const { exports, view, buffer } = this.kernel
    this.check(exports.task_identity(this.pid), syscall)
    return offset => view.getUint32(buffer + offset, true)
  }

  #ids(syscall: string, group: boolean): Ids {
    const word = this.#identity(syscall)
    const at = IdentityReportLayout
    return group ? [word(at.gid), word(at.egid), word(at.sgid)] : [word(at.uid), word(at.euid), word(at.suid)]
  }

  #setId(syscall: string, group: boolean, id: number): void {
    this.check(this.kernel.exports.task_set_id(this.pid, Number(group), whole(id, 'id')), syscall)
  }

  #setEffective(syscall: string, group: boolean, id: number): void {
    this.check(this.kernel.exports.task_set_effective_id(this.pid, Number(group), whole(id, 'id')), syscall)
  }

  #setTwo(syscall: string, group: boolean, real: number, effective: number): void {
    const { task_set_two_ids } = this.kernel.exports
    this.check(task_set_two_ids(this.pid, Number(group), whole(real, 'real'), whole(effective, 'effective')), syscall)
  }

  #setAll(syscall: string, group: boolean, real: number, effective: number, saved: number): void {
    const { task_set_all_ids } = this.kernel.exports
    const result = task_set_all_ids(this.pid, Number(group), whole(real, 'real'), whole(effective, 'effective'), whole(saved, 'saved'))
    this.check(result, syscall)
  }

  /** The parent's process id: init's once the parent has ended, 0 for init itself. */
  getppid(): number {
    return this.#identity('getppid')(IdentityReportLayout.parent)
  }

  /** The real user. */
  getuid(): number {
    return this.#ids('getuid', false)[0]
  }

  /** The effective user: whom the process acts for. */
  geteuid(): number {
    return this.#ids('geteuid', false)[1]
  }

  /** Real, effective and saved user. */
  getresuid(): Ids {
    return this.#ids('getresuid', false)
  }

  /** The real group. */
  getgid(): number {
    return this.#ids('getgid', true)[0]
  }

  /** The effective group. */
  getegid(): number {
    return this.#ids('getegid', true)[1]
  }

  /** Real, effective and saved group. */
  getresgid(): Ids {
    return this.#ids('getresgid', true)
  }

  /** The supplementary groups, in order. */
  getgroups(): number[] {
    const word = this.#identity('getgroups')
    return Array.from({ length: word(IdentityReportLayout.groupCount) }, (_, i) => word(IdentityReportLayout.SIZE + i * 4))
  }

  /** Sets the user the process acts for: root all three ids, others the effective one to the real or saved one. */
  setuid(uid: number): void {
    this.#setId('setuid', false, uid)
  }

  /** Sets the group the process acts for, as setuid does; here too root is user 0. */
  setgid(gid: number): void {
    this.#setId('setgid', true, gid)
  }

  /** Sets the effective user, to one of the three unless the process is root. */
  seteuid(uid: number): void {
    this.#setEffective('seteuid', false, uid)
  }

  /** Sets the effective group, to one of the three unless the process is root. */
  setegid(gid: number): void {
    this.#setEffective('setegid', true, gid)
  }

  /** Sets real and effective user; -1 leaves one. The saved one becomes the effective one as in setreuid(2). */
  setreuid(real: number, effective: number): void {
    this.#setTwo('setreuid', false, real, effective)
  }

  /** Sets real and effective group, as setreuid does. */
  setregid(real: number, effective: number): void {
    this.#setTwo('setregid', true, real, effective)
  }

  /** Sets real, effective and saved user; -1 leaves one. */
  setresuid(real: number, effective: number, saved: number): void {
    this.#setAll('setresuid', false, real, effective, saved)
  }

  /** Sets real, effective and saved group; -1 leaves one. */
  setresgid(real: number, effective: number, saved: number): void {
    this.#setAll('setresgid', true, real, effective, saved)
  }

  /** Replaces the supplementary groups. Root only; more than NGROUPS_MAX, which is 32 where Linux has 65536, are EINVAL. */
  setgroups(groups: readonly number[]): void {
    if (!Array.isArray(groups)) throw new TypeError(`groups must be an array, not ${shown(groups)}`)
    const ids = groups.map(group => whole(group, 'group') >>> 0)
    const { exports, view, buffer } = this.kernel
    // so many that the core refuses them need not be shown to it
    if (ids.length <= NGROUPS_MAX) for (const [i, id] of ids.entries()) view.setUint32(buffer + i * 4, id, true)
    this.check(exports.task_set_groups(this.pid, ids.length), 'setgroups')
  }
}
