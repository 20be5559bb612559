// A worker process that adds to the first word of a segment, from an address of its own.
import { workerData } from 'node:worker_threads'
import { constants as C } from 'faultline'
import { self } from 'faultline/process'

const { key, rounds, before } = workerData
if (before > 0) self.mmap(0, before, C.PROT_READ, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
const address = self.shmat(self.shmget(key, 0, 0), 0, 0)
for (let i = 0; i < rounds; i++) self.add32(address, 1)
self.store64(address + 8 * self.pid, BigInt(address))
self.exit(self.pid)
