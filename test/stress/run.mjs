// npm run stress -- --seconds 60 --workers 4 --seed 1 --target debug --memory 8MiB --kill --swap 64MiB --scale 16 --errors 5 --policy linux-6.12-mglru
import { parseArgs } from 'node:util'
import { stress } from './stress.mjs'
import { stressThreads } from './threads.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    workers: { type: 'string', default: '4' },
    // of one process, instead of workers
    threads: { type: 'string' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    target: { type: 'string', default: 'debug' },
    memory: { type: 'string', default: '8MiB' },
    kill: { type: 'boolean', default: false },
    // pages of workers go to swap areas, two of half the size; so many times as many pages; and so many calls of a thousand fail that write or read there
    swap: { type: 'string' },
    policy: { type: 'string' },
    scale: { type: 'string', default: '1' },
    errors: { type: 'string', default: '0' },
  },
})
const [seconds, workers, seed] = [values.seconds, values.workers, values.seed].map(Number)
const { target, memory, kill, swap, policy } = values
const [scale, errors] = [values.scale, values.errors].map(Number)
const pressure =
  swap === undefined ? '' : ` --swap ${swap} --scale ${scale} --errors ${errors}${policy === undefined ? '' : ` --policy ${policy}`}`
const threads = Number(values.threads ?? 0)
const who = threads > 0 ? `--threads ${threads}` : `--workers ${workers}`
const options = `--seconds ${seconds} ${who} --seed ${seed} --target ${target} --memory ${memory}${kill ? ' --kill' : ''}${pressure}`
const command = `npm run stress -- ${options}`
console.log(command)
try {
  const run =
    threads > 0
      ? stressThreads({ seconds, threads: threads + 1, seed, target, memory })
      : stress({ seconds, workers, seed, target, memory, kill, swap, scale, errors, policy })
  console.log(await run)
} catch (error) {
  console.error(error)
  console.error(`again, if the threads meet as they did: ${command}`)
  process.exit(1)
}
