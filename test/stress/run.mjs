// npm run stress -- --seconds 60 --workers 4 --seed 1 --target debug --memory 8MiB --kill
import { parseArgs } from 'node:util'
import { stress } from './stress.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    workers: { type: 'string', default: '4' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    target: { type: 'string', default: 'debug' },
    memory: { type: 'string', default: '8MiB' },
    kill: { type: 'boolean', default: false },
  },
})
const [seconds, workers, seed] = [values.seconds, values.workers, values.seed].map(Number)
const { target, memory, kill } = values
const options = `--seconds ${seconds} --workers ${workers} --seed ${seed} --target ${target} --memory ${memory}${kill ? ' --kill' : ''}`
const command = `npm run stress -- ${options}`
console.log(command)
try {
  console.log(await stress({ seconds, workers, seed, target, memory, kill }))
} catch (error) {
  console.error(error)
  console.error(`again, if the threads meet as they did: ${command}`)
  process.exit(1)
}
