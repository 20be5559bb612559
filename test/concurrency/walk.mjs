// A thread that walks an object's tree for as long as somebody waits for that: what is cut meanwhile is not let go of.
import { parentPort, workerData } from 'node:worker_threads'
import { Kernel } from '../../dist/core/kernel.js'

const { handle, cpu, inode } = workerData
const kernel = new Kernel(handle)
kernel.enter(cpu)
const words = new Int32Array(handle.memory.buffer)
const walked = kernel.cpuField('walked') >>> 2
Atomics.store(words, walked, inode)
parentPort.postMessage('walks')
// who waits for the end of the walk sleeps on the word
while (Atomics.notify(words, walked) === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
const free = kernel.exports.machine_free_frames()
Atomics.store(words, walked, 0)
parentPort.postMessage(free)
