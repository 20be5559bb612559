// What msgctl reports, read from the CPU's transfer buffer.
import type { Kernel } from '../core/kernel.js'
import { MsgLimitsLayout, MsgStatLayout } from '../core/layout.gen.js'
import { type IpcPerm, readPerm } from './ipcPerm.js'

/** struct msqid_ds: times in seconds since 1970, 0 for never; sizes in bytes. */
export interface MsgStat {
  perm: IpcPerm
  stime: number
  rtime: number
  ctime: number
  cbytes: number
  qnum: number
  qbytes: number
  lspid: number
  lrpid: number
}

/**
 * struct msginfo of the process's IPC namespace, and the highest index in use. For MSG_INFO, msgpool is how many queues there
 * are, msgmap how many messages, msgtql how many bytes they have.
 */
export interface MsgInfo {
  index: number
  msgpool: number
  msgmap: number
  msgmax: number
  msgmnb: number
  msgmni: number
  msgssz: number
  msgtql: number
  msgseg: number
}

/** The report of IPC_STAT. */
export function readMsgStat(kernel: Kernel): MsgStat {
  const { view, buffer } = kernel
  const word = (offset: number): number => view.getUint32(buffer + offset, true)
  const long = (offset: number): number => view.getFloat64(buffer + offset, true)
  const at = MsgStatLayout
  return {
    perm: readPerm(kernel),
    stime: long(at.sent),
    rtime: long(at.received),
    ctime: long(at.changed),
    cbytes: word(at.bytes),
    qnum: word(at.count),
    qbytes: long(at.most),
    lspid: word(at.sender),
    lrpid: word(at.receiver),
  }
}

/** The report of IPC_INFO, or of MSG_INFO. */
export function readMsgInfo({ view, buffer }: Kernel, index: number, usage: boolean): MsgInfo {
  const word = (offset: number): number => view.getUint32(buffer + offset, true)
  const at = MsgLimitsLayout
  return {
    index,
    // where usage is not asked for, constants of Linux that limit nothing
    msgpool: usage ? word(at.queues) : 512000,
    msgmap: usage ? word(at.count) : 16384,
    msgmax: word(at.maxBytes),
    msgmnb: word(at.maxQueueBytes),
    msgmni: word(at.maxQueues),
    msgssz: 16,
    msgtql: usage ? word(at.bytes) : 16384,
    msgseg: 0xffff,
  }
}
