// What a worker thread of the machine runs first: it takes the process's seat, if it has one of a process, so that the process ends with
// the thread however that ends, and then loads the module it was started for.
import { fileURLToPath } from 'node:url'
import { getEnvironmentData } from 'node:worker_threads'
import { PROCESS_KEY, type ProcessSeat } from './seat.js'

const { program, pid } = getEnvironmentData(PROCESS_KEY) as unknown as ProcessSeat
process.argv[1] = program.startsWith('file:') ? fileURLToPath(program) : program
if (pid !== 0) await import('./self.js')
await import(program)
