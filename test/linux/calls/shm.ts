// System V shared memory.
import type { Process, ShmStat } from 'faultline'
import { bytesOf, type Calls, syscall } from '../call.js'
import { decodePerm, encodePerm } from '../ipcPerm.js'
import { NAMES } from '../names.js'
import type { Shown } from '../program.js'
import type { World } from '../world.js'

const { IPC_SET, IPC_STAT, IPC_INFO, SHM_INFO, SHM_STAT, SHM_STAT_ANY } = NAMES
/** Bytes enough for any struct of shmctl. */
const STRUCT = 112

/** What is compared of struct shmid_ds: of times, whether they are set. */
function showStat({ perm, segsz, atime, dtime, ctime, cpid, lpid, nattch }: ShmStat): Shown {
  return { ...perm, segsz, atime: Number(atime > 0), dtime: Number(dtime > 0), ctime: Number(ctime > 0), cpid, lpid, nattch }
}

function decodeStat(bytes: Buffer): Shown {
  const word = (offset: number): number => bytes.readUInt32LE(offset)
  const long = (offset: number): number => Number(bytes.readBigUInt64LE(offset))
  return showStat({
    perm: decodePerm(bytes),
    segsz: long(48),
    atime: long(56),
    dtime: long(64),
    ctime: long(72),
    cpid: word(80),
    lpid: word(84),
    nattch: long(88),
  })
}

function decodeControl(result: number, bytes: Buffer, command: number): Shown {
  const long = (index: number): number => Number(bytes.readBigUInt64LE(index * 8))
  switch (command) {
    case IPC_STAT:
      return decodeStat(bytes)
    case SHM_STAT:
    case SHM_STAT_ANY:
      return [result, decodeStat(bytes)]
    case IPC_INFO:
      return { index: result, shmmax: long(0), shmmin: long(1), shmmni: long(2), shmseg: long(3), shmall: long(4) }
    case SHM_INFO:
      return { index: result, used_ids: bytes.readInt32LE(0), shm_tot: long(1), shm_rss: long(2) }
  }
  return result
}

/** struct shmid_ds with what IPC_SET reads of it. */
function settings(...owner: readonly number[]): string {
  return `in:${encodePerm(STRUCT, owner).toString('hex')}`
}

function control(
  process: Process,
  [id = 0, command = 0, uid = 0, gid = 0, mode = 0]: readonly number[],
): number | readonly [number, Shown] {
  switch (command) {
    case IPC_SET:
      process.shmctl(id, command as 1, { uid, gid, mode })
      return 0
    case IPC_STAT:
      return [0, showStat(process.shmctl(id, command as 2))]
    case SHM_STAT:
    case SHM_STAT_ANY: {
      const stat = process.shmctl(id, command as 13)
      return [stat.id, [stat.id, showStat(stat)]]
    }
    case IPC_INFO: {
      const info = process.shmctl(id, command as 3)
      return [info.index, { ...info }]
    }
    case SHM_INFO: {
      const { index, used_ids, shm_tot, shm_rss } = process.shmctl(id, command as 14)
      return [index, { index, used_ids, shm_tot, shm_rss }]
    }
  }
  process.shmctl(id, command)
  return 0
}

const MODES = ['0o600', '0o600', '0o666', '0o660', '0o640', '0o400', '0o200', '0o777', '0o044', '0', '0o7777']

function shmctl(world: World): (number | string)[] {
  const id = world.id()
  const command = world.pick([
    ...['IPC_STAT', 'IPC_STAT', 'IPC_RMID', 'IPC_SET', 'SHM_STAT', 'SHM_STAT_ANY', 'IPC_INFO', 'SHM_INFO'],
    ...['SHM_LOCK', 'SHM_UNLOCK'],
  ])
  if (command === 'IPC_SET') return [id, command, world.uid(), world.uid(), world.pick(MODES)]
  return command.startsWith('SHM_STAT') ? [world.below(8), command] : [id, command]
}

export const shmCalls: Calls = {
  shmget: {
    linux: syscall(29),
    machine: (p, [key = 0, size = 0, flags = 0]) => p.shmget(key, size, flags),
    generate: world => [
      world.below(5),
      world.size(),
      `${world.pick(['IPC_CREAT', 'IPC_CREAT', 'IPC_CREAT', 'IPC_CREAT|IPC_EXCL', '0'])}|${world.pick(MODES)}`,
    ],
    weight: 6,
  },
  shmat: {
    address: true,
    linux: syscall(30),
    machine: (p, [id = 0, address = 0, flags = 0]) => p.shmat(id, address, flags),
    generate: world => [
      world.id(),
      world.pick([0, world.address(), world.address(), world.address() + world.below(4096)]),
      world.pick(['0', '0', '0', 'SHM_RDONLY', 'SHM_RND', 'SHM_REMAP', 'SHM_REMAP|SHM_RND', 'SHM_EXEC', 'SHM_RDONLY|SHM_REMAP']),
    ],
    weight: 8,
  },
  shmdt: {
    linux: syscall(67),
    machine: (p, [address = 0]) => void p.shmdt(address),
    generate: world => [world.attached()],
    weight: 5,
  },
  shmctl: {
    linux: ([id = 0, command = 0, uid = 0, gid = 0, mode = 0]) => {
      const argument = command === IPC_SET ? settings(Number(uid), Number(gid), Number(mode)) : `out:${STRUCT}`
      return ['syscall', 31, id, command, argument]
    },
    decode: (answer, [, command]) => decodeControl(answer[0] as number, bytesOf(answer), command as number),
    machine: control,
    generate: shmctl,
    weight: 8,
  },
}
