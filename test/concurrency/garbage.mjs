// A program that runs machines one after another and prints whether their memory was freed. Run with --expose-gc.
import { boot, constants as C, KernelPanic } from 'faultline'
import { PANIC_TRAP } from '#dist/abi/panic.gen.js'

const source = `import { self } from '${new URL('../../dist/process/self.js', import.meta.url)}'
  for (;;) { self.fork().exit(0); self.wait() }`
const module = new URL(`data:text/javascript,${encodeURIComponent(source)}`)

/** A machine that has run and is shut down, by its memory, which nothing here holds. */
async function used(ends) {
  const machine = await boot({ memory: '16MiB', cpus: 3 })
  const { init } = machine
  init.store32(init.mmap(0, 4096, 3, C.MAP_PRIVATE | C.MAP_ANONYMOUS), 1)
  for (let i = 0; i < 2; i++) (await machine.spawn(module)).exited.catch(() => {})
  const { memory } = init.kernel
  if (ends === 'panics') {
    Atomics.store(new Int32Array(memory.buffer), 0x1000 / 4, PANIC_TRAP)
    await machine.shutdown().catch(error => {
      if (!(error instanceof KernelPanic)) throw error
    })
  } else await machine.shutdown()
  return new WeakRef(memory)
}

const memories = [await used('is shut down'), await used('panics')]
for (let i = 0; i < 50 && memories.some(memory => memory.deref()); i++) {
  // what was asked for above is held until the end of this turn
  await new Promise(resolve => setTimeout(resolve, 20))
  globalThis.gc()
}
console.log(memories.map(memory => (memory.deref() ? 'held' : 'freed')).join(' '))
