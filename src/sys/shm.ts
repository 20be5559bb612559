// System V shared memory.
import * as shm from '../abi/shm.gen.js'
import { whole } from './arguments.js'
import { DescriptorCalls } from './descriptors.js'
import { readLimits, readStat, readUsage, type ShmInfo, type ShmStat, type ShmUsage } from './shmStat.js'

/** What shmctl(IPC_SET) changes. */
export interface ShmSettings {
  uid: number
  gid: number
  mode: number
}

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
      if (!settings) throw new TypeError('IPC_SET needs settings: uid, gid and mode')
      const { uid, gid, mode } = settings
      this.check(shm_set(this.pid, id, whole(uid, 'uid'), whole(gid, 'gid'), whole(mode, 'mode')), 'shmctl')
      return undefined
    }
    const result = this.check(shm_control(this.pid, id, whole(command, 'command')), 'shmctl')
    if (command === shm.IPC_STAT) return readStat(this.kernel)
    if (command === shm.SHM_STAT || command === shm.SHM_STAT_ANY) return { id: result, ...readStat(this.kernel) }
    if (command === shm.IPC_INFO) return readLimits(this.kernel, result)
    return command === shm.SHM_INFO ? readUsage(this.kernel, result) : undefined
  }
}
