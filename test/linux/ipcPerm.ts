// struct ipc_perm as Linux has it in memory: the head of shmid_ds, semid_ds and msqid_ds.
import type { IpcPerm } from 'faultline'

/** What a struct that begins with it says. */
export function decodePerm(bytes: Buffer): IpcPerm {
  const word = (offset: number): number => bytes.readUInt32LE(offset)
  return {
    key: bytes.readInt32LE(0),
    uid: word(4),
    gid: word(8),
    cuid: word(12),
    cgid: word(16),
    mode: word(20),
    seq: bytes.readUInt16LE(24),
  }
}

/** A struct of so many bytes with what IPC_SET reads of its head. */
export function encodePerm(size: number, [uid = 0, gid = 0, mode = 0]: readonly number[]): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUInt32LE(uid >>> 0, 4)
  bytes.writeUInt32LE(gid >>> 0, 8)
  bytes.writeUInt32LE(mode >>> 0, 20)
  return bytes
}
