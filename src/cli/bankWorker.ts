// A process of `faultline demo bank`: moves money until the bank closes, or it is killed.
import { workerData } from 'node:worker_threads'
import { self } from '../process/self.js'
import { Random } from '../trace/random.js'
import { type BankOrder, Ledger, LOCK, UNLOCK } from './bankLedger.js'

/** One of so many transfers takes a millisecond half-way, so that many are killed there. */
const SLOW = 16

const { segment, semaphore, accounts, slot, seed, stream, transfers } = workerData as BankOrder
const ledger = new Ledger(self, self.shmat(segment, 0, 0), accounts)
const random = new Random(seed, stream)
while (!ledger.isClosed) {
  const from = random.below(accounts)
  const to = (from + 1 + random.below(accounts - 1)) % accounts
  const slow = random.below(SLOW) === 0
  self.semop(semaphore, LOCK)
  ledger.enter()
  const count = ledger.transfer({ slot, from, to, amount: 1 + random.below(100) }, () => slow && ledger.dawdle())
  if (count >= transfers) ledger.close()
  ledger.leave()
  self.semop(semaphore, UNLOCK)
}
self.exit(0)
