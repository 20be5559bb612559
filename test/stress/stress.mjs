// The stress test: workers do everything at once to memory they share and memory of their own. Now and then the books are
// checked, and in the end nothing may be left. Either all workers live, and pause between two steps when the books are checked;
// or they die at random moments, others take their places, and the machine is looked at while they run.
import { boot, constants as C, SysError } from 'faultline'
import { ENDED, EXIT, KILLED, ON_PURPOSE } from './deaths.mjs'
import { PERMITS, SHARED } from './ipc.mjs'
import { failAtTimes, swapOn, turnSwap } from './pressure.mjs'
import { generator } from './random.mjs'
import { CONTROL, CUT_FILE, FILE, KEYS, Mutex, PAGE, PAUSE, PAUSED, PIDS } from './shared.mjs'

const MODULE = new URL('worker.mjs', import.meta.url)

/** Frames that Bloom filters of generations take for good. */
const FILTERS = 2

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

/** Workers that live until the end. */
async function live({ machine, control, seed, end, workers: count, load }) {
  const start = index => machine.spawn(MODULE, { workerData: { seed: seed * 1000 + index + 1, milliseconds: end - Date.now(), ...load } })
  const workers = await Promise.all(Array.from({ length: count }, (_, index) => start(index)))
  const exits = Promise.all(workers.map(({ exited }) => exited))
  let failed = false
  exits.catch(() => {
    failed = true
  })
  for (let epoch = 1; Date.now() < end - 500 && !failed; epoch++) {
    await Promise.race([checkBooks(machine, control, epoch, count), exits])
    await sleep(200)
    if (load.swap && epoch % 2 === 0) turnSwap(machine)
  }
  const codes = await exits
  if (codes.some(code => code !== 0)) throw new Error(`workers exited with ${codes}`)
}

/** How a worker ended that was meant to die some time: its exit code. Throws what it did not throw on purpose. */
async function howItEnded(worker) {
  const code = await worker.exited.catch(error => {
    if (error.message !== ON_PURPOSE) throw error
    return ENDED
  })
  if (![0, ENDED, EXIT, KILLED].includes(code)) throw new Error(`process ${worker.pid} exited with ${code}`)
  return code
}

/** Waits for the children of workers that died. */
function reapOrphans(init) {
  try {
    while (init.wait()) {}
  } catch (error) {
    if (!(error instanceof SysError && error.code === 'ECHILD')) throw error
  }
}

/** One worker after another in the same place, until the end; counts how they died. */
async function succeed(run, index, current, deaths) {
  const { machine, control, seed, end, workers, load } = run
  const mutex = new Mutex(machine.init, control)
  for (let generation = 0; Date.now() < end && !run.failed; generation++) {
    const workerData = { seed: seed * 1000 + generation * 100 + index + 1, milliseconds: end - Date.now(), workers, kill: true, ...load }
    const worker = await machine.spawn(MODULE, { workerData })
    current[index] = worker
    machine.init.store32(control + PIDS + 4 * index, worker.pid)
    const code = await howItEnded(worker)
    current[index] = undefined
    mutex.takeBack(worker.pid)
    reapOrphans(machine.init)
    deaths[code] = (deaths[code] ?? 0) + 1
  }
}

/** Kills one worker after another, and looks at the machine, until the end. */
async function harass(run, current) {
  const { machine, end, seed, workers, load } = run
  const next = generator(seed)
  while (Date.now() < end && !run.failed) {
    await sleep(next(200))
    if (run.failed) return
    const victim = current[next(workers)]
    if (load.swap && next(4) === 0) turnSwap(machine)
    if (next(3) === 0) machine.validate()
    else if (victim && next(2) === 0) void victim.worker.terminate()
    else if (victim) {
      try {
        machine.init.kill(victim.pid, C.SIGKILL)
      } catch (error) {
        if (!(error instanceof SysError && error.code === 'ESRCH')) throw error
      }
    }
  }
}

/** Workers that die, and others that take their places. Returns how often each exit code was seen. */
async function die(run) {
  const [current, deaths] = [[], {}]
  const lives = Array.from({ length: run.workers }, (_, index) => succeed(run, index, current, deaths))
  try {
    await Promise.all([...lives, harass(run, current)])
  } finally {
    run.failed = true
  }
  return deaths
}

/**
 * Runs so many workers for so many seconds, with swap areas of a size, memory `scale` times as large as else, and `errors` of a thousand failing where
 * pages are written there or read, if given, evicted by Linux's `policy`; and returns what the machine counted, and how workers died if they were to. Throws
 * what a worker throws, or what is wrong with the books.
 */
export async function stress({
  seconds,
  workers,
  seed,
  target = 'debug',
  memory = '8MiB',
  kill = false,
  swap,
  scale = 1,
  errors = 0,
  policy,
}) {
  const machine = await boot({ memory, cpus: workers + 1, target, ...(policy && { policy }) })
  const { init } = machine
  // no worker is killed where memory is out, so that its calls fail
  init.oomScoreAdj(-1000)
  const free = machine.freeFrames
  const id = init.shmget(CONTROL, PAGE, C.IPC_CREAT | 0o600)
  const control = init.shmat(id, 0, 0)
  const permits = init.semget(SHARED, 2, C.IPC_CREAT | 0o600)
  init.semctl(permits, 0, C.SETVAL, PERMITS)
  const queue = init.msgget(SHARED, C.IPC_CREAT | 0o600)
  if (swap) swapOn(machine, swap)
  failAtTimes(init, generator(seed), errors)
  init.mlock(control, PAGE)
  const load = { swap: swap !== undefined, scale, errors }
  const run = { machine, control, seed, end: Date.now() + seconds * 1000, workers, failed: false, load }
  const deaths = await (kill ? die(run) : live(run))
  const left = init.semctl(permits, 0, C.GETVAL)
  if (left !== PERMITS) throw new Error(`${left} of ${PERMITS} permits came back`)
  init.semctl(permits, 0, C.IPC_RMID)
  init.msgctl(queue, C.IPC_RMID)
  for (const key of KEYS) init.shmctl(init.shmget(key, PAGE, C.IPC_CREAT), C.IPC_RMID)
  init.shmdt(control)
  init.shmctl(id, C.IPC_RMID)
  init.shm_unlink(FILE)
  init.shm_unlink(CUT_FILE)
  reapOrphans(init)
  failAtTimes(init, generator(seed), 0)
  machine.validate()
  const kept = machine.swaps.reduce((sum, { used }) => sum + used, 0)
  if (kept !== 0) throw new Error(`${kept} bytes of swap are used by nobody`)
  for (const { area } of machine.swaps) machine.swapoff(area)
  const taken = free - machine.freeFrames
  if (taken !== 0 && !(policy === 'linux-6.12-mglru' && taken <= FILTERS)) throw new Error(`${taken} fewer frames are free than before`)
  await machine.shutdown()
  return { ...machine.vmstat, ...(deaths && { deaths }) }
}
