// A worker process that does the mixture over and over.

import { constants as C } from 'faultline'
import { self } from 'faultline/process'
import { KEY, mixture, NAME } from './mixture.mjs'

const at = self.shmat(self.shmget(KEY, 0, 0), 0, 0)
// whoever cuts this file unmaps it here
self.mmap(0, 4096, C.PROT_READ, C.MAP_SHARED, self.shm_open(NAME, C.O_CREAT | C.O_RDWR, 0o600), 0)
for (;;) {
  mixture(self, at)
  self.add32(at + 8, 1)
}
