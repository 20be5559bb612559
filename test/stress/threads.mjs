// The stress test of threads: one process, whose threads share memory, files and descriptors, and come and go, until the
// time is over. Now and then the machine stops and the books are checked; in the end nothing may be left.
import { boot } from 'faultline'

const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Runs a process of so many threads for so many seconds and returns what the machine counted. Throws what a thread throws, or what is wrong with the books. */
export async function stressThreads({ seconds, threads, seed, target = 'debug', memory = '8MiB' }) {
  const machine = await boot({ memory, cpus: threads + 1, target })
  // it is not killed where memory is out, so that its calls fail
  machine.init.oomScoreAdj(-1000)
  const free = machine.freeFrames
  const workerData = { threads, seed: seed * 1000, milliseconds: seconds * 1000 }
  const process = await machine.spawn(new URL('threadGroup.mjs', import.meta.url), { workerData })
  let over = false
  const ended = process.exited.finally(() => {
    over = true
  })
  ended.catch(() => {})
  while (!over) {
    machine.validate()
    await Promise.race([sleep(100), ended])
  }
  const code = await ended
  if (code !== 0) throw new Error(`the process exited with ${code}`)
  machine.validate()
  if (machine.freeFrames !== free) throw new Error(`${free} frames were free before, ${machine.freeFrames} are after`)
  await machine.shutdown()
  return machine.vmstat
}
