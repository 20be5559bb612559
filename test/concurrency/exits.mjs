// A program whose two workers are in the middle of calls when it ends as its argument says.
import { boot, constants as C } from 'faultline'

const machine = await boot({ memory: '16MiB', target: 'debug' })
const { init } = machine
const at = init.shmat(init.shmget(1, 4096, C.IPC_CREAT | 0o600), 0, 0)
const source = `import { self } from '${new URL('../../dist/process/self.js', import.meta.url)}'
  self.add32(self.shmat(self.shmget(1, 0, 0), 0, 0), 1)
  for (;;) { self.fork().exit(0); self.wait() }`
for (let i = 0; i < 2; i++) await machine.spawn(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
while (init.load32(at) < 2) await new Promise(resolve => setTimeout(resolve, 1))
if (process.argv[2] === 'exit') process.exit(3)
else if (process.argv[2] === 'exit later') setTimeout(() => process.exit(3))
else throw new Error('the program ends')
