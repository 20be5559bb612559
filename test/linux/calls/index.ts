// All calls, by name.
import type { Call, Calls } from '../call.js'
import { adviceCalls } from './advice.js'
import { fileCalls } from './file.js'
import { futexCalls } from './futex.js'
import { identityCalls } from './identity.js'
import { memoryCalls } from './memory.js'
import { mqueueCalls } from './mqueue.js'
import { msgCalls } from './msg.js'
import { nameCalls } from './names.js'
import { posixSemCalls } from './posixSem.js'
import { processCalls } from './process.js'
import { semCalls } from './sem.js'
import { shmCalls } from './shm.js'

export const CALLS: Calls = {
  ...memoryCalls,
  ...shmCalls,
  ...semCalls,
  ...posixSemCalls,
  ...msgCalls,
  ...mqueueCalls,
  ...processCalls,
  ...identityCalls,
  ...adviceCalls,
  ...fileCalls,
  ...nameCalls,
  ...futexCalls,
}

/** The call with a name. Throws an Error if there is none. */
export function callNamed(name: string): Call {
  const call = CALLS[name]
  if (!call) throw new Error(`no call is named ${JSON.stringify(name)}`)
  return call
}
