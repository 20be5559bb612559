// A thread of a program in fixtures/threads.json: takes its turns from its box, as fixtures/threads.py does on Linux.
import { workerData } from 'node:worker_threads'
import { constants as C, SysError } from 'faultline'
import { self } from 'faultline/process'

const { thread, boxes, tids, semaphore } = workerData
/** The page of the words. */
const PAGE = 0x20000000
const at = word => PAGE + 4 * word
const box = new Int32Array(boxes[thread], 0, 2)
const numbers = new Int32Array(tids)

const STEPS = {
  async clone(other) {
    const { tid } = await self.clone(new URL(import.meta.url), { workerData: { ...workerData, thread: other } })
    numbers[other] = tid
  },
  exit_thread(code) {
    self.exitThread(code)
    // what is left of the thread is the host's
    process.exit()
  },
  exit(code) {
    self.exit(code)
    process.exit()
  },
  wait_on(word, expected) {
    if (self.waitOn(at(word), expected) === 'not-equal') return 'EAGAIN'
  },
  notify: (word, count) => self.notify(at(word), count),
  load: word => self.load32(at(word)),
  store: (word, value) => self.store32(at(word), value),
  own(word) {
    const head = word + 2
    self.store32(at(word), self.tid)
    self.store64(at(head), BigInt(at(head + 6)))
    self.store64(at(head + 2), BigInt.asUintN(64, -32n))
    self.store64(at(head + 4), 0n)
    self.store64(at(head + 6), BigInt(at(head)))
    self.set_robust_list(at(head))
  },
  owner_died: word => self.load32(at(word)) >>> 30,
  kill: (other, signal) => self.kill(numbers[other], signal),
  child: code => self.fork().exit(code),
  wait: () => self.wait({ block: true }).exitCode,
  unshare: flags => self.unshare(flags),
  umask: mask => self.umask(mask),
  take: () => self.semop(semaphore, [{ num: 0, op: -1, flg: C.SEM_UNDO }]),
  value: () => self.semctl(semaphore, 0, C.GETVAL),
}

if (thread === 0) {
  numbers[0] = self.tid
  self.mmap(PAGE, 4096, C.PROT_READ | C.PROT_WRITE, C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_FIXED)
}
while (true) {
  while (Atomics.load(box, 0) !== 1) Atomics.wait(box, 0, Atomics.load(box, 0))
  const bytes = new Uint8Array(boxes[thread], 8)
  const [name, ...args] = JSON.parse(Buffer.from(bytes.slice(0, box[1])).toString())
  let answer
  try {
    answer = (await STEPS[name](...args)) ?? 0
  } catch (error) {
    if (!(error instanceof SysError)) throw error
    answer = error.code
  }
  const text = Buffer.from(JSON.stringify(answer))
  bytes.set(text)
  box[1] = text.length
  Atomics.store(box, 0, 2)
}
