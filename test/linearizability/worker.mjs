// A worker that calls a shared object at random, and notes what it called, when, and what that answered.
import { parentPort, workerData } from 'node:worker_threads'
import { constants as C, SysError } from 'faultline'
import { self } from 'faultline/process'
import { generator } from '../stress/random.mjs'

const { object, seed, calls, workers, shared } = workerData
const below = generator(seed)
const pick = choices => choices[below(choices.length)]
/** The time, and how many workers are ready. */
const clock = new Int32Array(shared)
const operations = []

/** Notes a call: its answer is a number, -errno where it failed. */
function note(call, what) {
  const began = Atomics.add(clock, 0, 1)
  let answer
  try {
    answer = what() ?? 0
  } catch (error) {
    if (!(error instanceof SysError)) throw error
    answer = -error.errno
  }
  operations.push({ call, answer, began, ended: Atomics.add(clock, 0, 1) })
  return answer
}

const known = new Set()

/** Keys and ids of few segments, those of others too. */
function onIds() {
  const key = 1 + below(3)
  const id = pick([...known, 0])
  const [call, what] = pick([
    [['get', key], () => self.shmget(key, 4096, 0)],
    [['create', key], () => self.shmget(key, 4096, C.IPC_CREAT | 0o600)],
    [['createNew', key], () => self.shmget(key, 4096, C.IPC_CREAT | C.IPC_EXCL | 0o600)],
    [['remove', id], () => self.shmctl(id, C.IPC_RMID)],
    [['stat', id], () => void self.shmctl(id, C.IPC_STAT)],
  ])
  const answer = note(call, what)
  if (call[0] !== 'remove' && call[0] !== 'stat' && answer >= 0) known.add(answer)
  // so that those of other workers are met, too
  if (known.size > 6) known.delete(known.values().next().value)
}

const mapped = []

/** A page and its frame. */
function onFrames() {
  if (mapped.length < 4 && (mapped.length === 0 || below(2) === 0)) {
    const frame = note(['take', 0], () => {
      const address = self.mmap(0, 4096, C.PROT_READ | C.PROT_WRITE, C.MAP_PRIVATE | C.MAP_ANONYMOUS, -1, 0)
      self.store8(address, 1)
      mapped.push({ address })
      return self.frameOf(address)
    })
    mapped.at(-1).frame = frame
  } else {
    giveBack(below(mapped.length))
  }
}

function giveBack(index) {
  const [{ address, frame }] = mapped.splice(index, 1)
  note(['give', frame, 0], () => self.munmap(address, 4096))
}

/** Values of a set of two, which never wait for ever: who takes gives back. */
function onSemaphores() {
  const num = below(2)
  const changes = pick([
    [[num, 1]],
    [
      [num, 1],
      [1 - num, 1],
    ],
  ])
  const back = changes.map(([which, change]) => [which, -change])
  const operate = (name, list, flags) =>
    note([name, list], () =>
      self.semop(
        0,
        list.map(([which, op]) => ({ num: which, op, flg: flags })),
      ),
    )
  switch (below(4)) {
    case 0:
      note(['get', num], () => self.semctl(0, num, C.GETVAL))
      break
    case 1:
      if (operate('try', back, C.IPC_NOWAIT) === 0) operate('op', changes, 0)
      break
    default:
      operate('op', changes, 0)
      operate('op', back, 0)
  }
}

/** Returns when all workers are here. */
function meet() {
  Atomics.add(clock, 1, 1)
  Atomics.notify(clock, 1)
  for (let here = Atomics.load(clock, 1); here < workers; here = Atomics.load(clock, 1)) Atomics.wait(clock, 1, here)
}

const step = { ids: onIds, frames: onFrames, semaphores: onSemaphores }[object]
meet()
for (let i = 0; i < calls; i++) step()
while (mapped.length > 0) giveBack(0)
parentPort.postMessage(operations)
