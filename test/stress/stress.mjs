// The stress test: workers do everything at once to memory they share and memory of their own. Now and then they
// pause, and the books are checked; in the end nothing may be left.
import { boot, constants as C } from 'faultline'
import { CONTROL, CUT_FILE, FILE, KEYS, PAGE, PAUSE, PAUSED } from './shared.mjs'

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Stops all workers between two steps, checks the books, and lets them go on. */
async function checkBooks(machine, control, epoch, workers) {
  const { init } = machine
  init.store32(control + PAUSED, init.load32(control + PAUSED) & ~0xffff)
  init.store32(control + PAUSE, epoch)
  const stopped = () => {
    const paused = init.load32(control + PAUSED)
    return (paused & 0xffff) + (paused >>> 16)
  }
  while (stopped() < workers) await sleep(1)
  // those that ended do so behind what they count
  if (init.load32(control + PAUSED) >>> 16 === 0) machine.validate()
  init.store32(control + PAUSE, 0)
  init.notify(control + PAUSE)
}

/**
 * Runs so many workers for so many seconds and returns what the machine counted. Throws what a worker throws, or what is
 * wrong with the books.
 */
export async function stress({ seconds, workers: count, seed, target = 'debug', memory = '8MiB' }) {
  const machine = await boot({ memory, cpus: count + 1, target })
  const { init } = machine
  const free = machine.freeFrames
  const id = init.shmget(CONTROL, PAGE, C.IPC_CREAT | 0o600)
  const control = init.shmat(id, 0, 0)
  const module = new URL('worker.mjs', import.meta.url)
  const start = index => machine.spawn(module, { workerData: { seed: seed * 1000 + index + 1, milliseconds: seconds * 1000 } })
  const workers = await Promise.all(Array.from({ length: count }, (_, index) => start(index)))
  const exits = Promise.all(workers.map(({ exited }) => exited))
  let failed = false
  exits.catch(() => {
    failed = true
  })
  const end = Date.now() + seconds * 1000 - 500
  for (let epoch = 1; Date.now() < end && !failed; epoch++) {
    await Promise.race([checkBooks(machine, control, epoch, count), exits])
    await sleep(200)
  }
  const codes = await exits
  if (codes.some(code => code !== 0)) throw new Error(`workers exited with ${codes}`)
  for (const key of KEYS) init.shmctl(init.shmget(key, PAGE, C.IPC_CREAT), C.IPC_RMID)
  init.shmdt(control)
  init.shmctl(id, C.IPC_RMID)
  init.shm_unlink(FILE)
  init.shm_unlink(CUT_FILE)
  machine.validate()
  if (machine.freeFrames !== free) throw new Error(`${free} frames were free before, ${machine.freeFrames} are after`)
  await machine.shutdown()
  return machine.vmstat
}
