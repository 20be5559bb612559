// System V shared memory.
import * as shm from '../abi/shm.gen.js'
import { options as known, whole, wholeOrSame } from './arguments.js'
import { DescriptorCalls } from './descriptors.js'
import { readLimits, readStat, readUsage, type ShmInfo, type ShmStat, type ShmUsage } from './shmStat.js'

/** What shmctl(IPC_SET) changes; what is not given stays as it is. */
export interface ShmSettings {
  uid?: number
  gid?: number
  mode?: number
}

/** What IPC_SET of any kind of object changes, as the core takes it. Throws a TypeError unless those are settings, of these names. */
export function settingsOf<Settings extends ShmSettings>(
  settings: Settings | undefined,
  names: readonly (string & keyof Settings)[],
): number[] {
  if (!settings) throw new TypeError(`IPC_SET needs settings, of ${names.join(', ')}`)
  known(settings, names, "IPC_SET's settings")
  return names.map(name => wholeOrSame(settings[name] as number | undefined, name))
}

/** The settings that any object has. */
export const PERM_SETTINGS = ['uid', 'gid', 'mode'] as const

/** shmget(2) and its like. */
export class ShmCalls extends DescriptorCalls {
  /** The id of the segment with a key; makes it if the flags say so. */
  shmget(key: number, size: number, flags: number): number {
    const { shm_get } = this.kernel.exports
    return this.check(shm_get(this.pid, whole(key, 'key'), whole(size, 'size'), whole(flags, 'flags')), 'shmget')
  }

  /** Attaches a segment, at an address of the machine's choice if `address` is 0; returns where. */
  shmat(id: number, address: number, flags: number): number {
    const { shm_attach } = this.kernel.exports
    return this.check(shm_attach(this.pid, whole(id, 'id'), whole(address, 'address'), whole(flags, 'flags')), 'shmat')
  }

  /** Detaches the segment that was attached at an address. */
  shmdt(address: number): void {
    this.check(this.kernel.exports.shm_detach(this.pid, whole(address, 'address')), 'shmdt')
  }

  /** Controls a segment: the commands, their arguments and results are those of shmctl(2). */
  shmctl(id: number, command: typeof shm.IPC_STAT): ShmStat
  shmctl(id: number, command: typeof shm.SHM_STAT | typeof shm.SHM_STAT_ANY): ShmStat & { id: number }
  shmctl(id: number, command: typeof shm.IPC_INFO): ShmInfo
  shmctl(id: number, command: typeof shm.SHM_INFO): ShmUsage
  shmctl(id: number, command: typeof shm.IPC_SET, settings: ShmSettings): undefined
  shmctl(id: number, command: number): undefined
  shmctl(id: number, command: number, settings?: ShmSettings): ShmStat | (ShmStat & { id: number }) | ShmInfo | ShmUsage | undefined {
    const { shm_control, shm_set } = this.kernel.exports
    whole(id, 'id')
    if (command === shm.IPC_SET) {
      const [uid = 0, gid = 0, mode = 0] = settingsOf(settings, PERM_SETTINGS)
      this.check(shm_set(this.pid, id, uid, gid, mode), 'shmctl')
      return undefined
    }
    const result = this.check(shm_control(this.pid, id, whole(command, 'command')), 'shmctl')
    if (command === shm.IPC_STAT) return readStat(this.kernel)
    if (command === shm.SHM_STAT || command === shm.SHM_STAT_ANY) return { id: result, ...readStat(this.kernel) }
    if (command === shm.IPC_INFO) return readLimits(this.kernel, result)
    return command === shm.SHM_INFO ? readUsage(this.kernel, result) : undefined
  }
}
