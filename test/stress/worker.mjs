// A worker of the stress test: a process that does random things until it is told to end, or dies, and checks what it reads.
import { workerData } from 'node:worker_threads'
import { SysError } from 'faultline'
import { self } from 'faultline/process'
import { Deaths } from './deaths.mjs'
import { Ipc } from './ipc.mjs'
import { Others } from './others.mjs'
import { failAtTimes, pageOut } from './pressure.mjs'
import { PrivateMemory } from './private.mjs'
import { generator } from './random.mjs'
import { CONTROL, CutFile, Mutex, PAUSE, PAUSED, Segments, SharedFile } from './shared.mjs'

const { seed, milliseconds, workers, kill, swap, scale, errors } = workerData
const next = generator(seed)

/** Runs a call that may fail, because memory is short or others were faster; undefined if it does. */
function attempt(call, ...codes) {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof SysError) || !codes.includes(error.code)) throw error
    return undefined
  }
}

failAtTimes(self, generator(seed), errors)
const control = self.shmat(self.shmget(CONTROL, 0, 0), 0, 0)
const mutex = new Mutex(self, control)
const parts = [
  new PrivateMemory(self, next, attempt, scale),
  new Segments(self, next, attempt, scale),
  new SharedFile(self, next, attempt, scale),
  new CutFile(self, next, attempt, mutex),
  new Others(self, next, attempt),
  new Ipc(self, next, attempt),
  mutex,
]
const deaths = kill ? new Deaths(self, next, control, workers) : undefined

const end = Date.now() + milliseconds
while (Date.now() < end) {
  const pause = self.load32(control + PAUSE)
  if (pause !== 0) {
    self.add32(control + PAUSED, 1)
    while (self.load32(control + PAUSE) === pause) self.waitOn(control + PAUSE, pause)
  }
  // one place after another, so that the same pages stay in use for a while
  const part = parts[next(parts.length)]
  for (let i = next(8); i >= 0; i--) part.step()
  if (swap && next(4) === 0)
    pageOut(
      self,
      next,
      parts.flatMap(part => part.ranges?.() ?? []),
    )
  deaths?.step()
}
for (const part of parts) part.finish?.()
// none of them is missed by the next pause
self.add32(control + PAUSED, 1 << 16)
self.shmdt(control)
self.exit(0)
