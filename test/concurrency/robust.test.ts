// Locks that somebody held who ended: the kernel marks them and wakes one that waits, however it ended.
import { boot, constants as C, type Process } from 'faultline'
import { expect, it } from 'vitest'
import { withMachine } from '../machines.ts'
import { ATTACH, moduleOf, until, untilAsleep, withSegment } from './workers.ts'

const PAGE = 4096
/** The distance from an entry of the list to its word. */
const OFFSET = 8

/** A mutex that outlives who holds it: a word of its owner's pid and FUTEX_WAITERS, in the owner's robust list. */
const MUTEX = `
  class Mutex {
    constructor(self, head, entry) { Object.assign(this, { self, head, entry, word: entry + ${OFFSET} }) }
    /** Says where the list is, which is empty. */
    static begin(self, head) {
      self.store64(head, BigInt(head))
      self.store64(head + 8, ${OFFSET}n)
      self.store64(head + 16, 0n)
      self.set_robust_list(head)
    }
    /** Takes the lock; says whether who had it died. */
    lock() {
      const { self, head, entry, word } = this
      self.store64(head + 16, BigInt(entry)) // whatever happens now, the kernel looks at this lock
      for (let waited = 0; ; waited = ${C.FUTEX_WAITERS}) {
        const old = self.load32(word)
        if ((old & ${C.FUTEX_TID_MASK}) === 0) {
          const mine = self.pid | (old & ${C.FUTEX_WAITERS}) | waited
          if (self.compareExchange32(word, old, mine) !== old) continue
          self.store64(entry, self.load64(head))
          self.store64(head, BigInt(entry))
          self.store64(head + 16, 0n)
          return (old & ${C.FUTEX_OWNER_DIED}) !== 0
        }
        const waiting = (old | ${C.FUTEX_WAITERS}) >>> 0
        if (old !== waiting && self.compareExchange32(word, old, waiting) !== old) continue
        self.waitOn(word, waiting)
      }
    }
    unlock() {
      const { self, head, entry, word } = this
      self.store64(head + 16, BigInt(entry))
      self.store64(head, self.load64(entry)) // it holds one lock at a time
      if (self.exchange32(word, 0) & ${C.FUTEX_WAITERS}) self.notify(word, 1)
      self.store64(head + 16, 0n)
    }
  }`

/** A worker that attaches the segment at `at`, has a list in private memory, and does something. */
function worker(body: string): URL {
  return moduleOf(`${MUTEX}
    ${ATTACH}
    const head = self.mmap(0, ${PAGE}, 3, 0x22)
    Mutex.begin(self, head)
    const mutex = new Mutex(self, head, at + 64)
    ${body}`)
}

const WORD = 64 + OFFSET

it.each([
  ['exits', 'self.exit(0)'],
  ['ends without exit', ''],
  ['throws', "throw new Error('out of luck')"],
])('hands a lock on when a worker that holds it %s', async (_, end) => {
  await withSegment(async (machine, init, at) => {
    const holder = await machine.spawn(worker(`mutex.lock()\nwhile (self.load32(at) === 0) self.waitOn(at, 0)\n${end}`))
    await until(() => init.load32(at + WORD) === holder.pid)
    const next = await machine.spawn(worker(`const died = mutex.lock()\nmutex.unlock()\nself.exit(died ? 7 : 8)`))
    await untilAsleep(machine, next)
    expect(init.load32(at + WORD)).toBe((holder.pid | C.FUTEX_WAITERS) >>> 0)
    init.store32(at, 1)
    init.notify(at)
    await holder.exited.catch(() => {})
    expect(await next.exited).toBe(7)
    expect(init.load32(at + WORD) & C.FUTEX_TID_MASK).toBe(0)
  })
})

it.each([
  ['is killed while it sleeps', 'while (true) self.waitOn(at + 128, 0)', 'kill'],
  ['is killed in a loop of its own', 'for (;;);', 'kill'],
  ['has its thread ended', 'for (;;);', 'terminate'],
] as const)('hands a lock on when a worker that holds it %s', async (_, body, how) => {
  await withSegment(async (machine, init, at) => {
    const holder = await machine.spawn(worker(`mutex.lock()\n${body}`))
    await until(() => init.load32(at + WORD) === holder.pid)
    const next = await machine.spawn(worker(`const died = mutex.lock()\nmutex.unlock()\nself.exit(died ? 7 : 8)`))
    await untilAsleep(machine, next)
    if (how === 'kill') init.kill(holder.pid, 'SIGKILL')
    else await holder.terminate()
    await holder.exited
    expect(await next.exited).toBe(7)
  })
})

it('keeps a counter right that workers count up under the lock, while they are killed', async () => {
  await withSegment(async (machine, init, at) => {
    const body = `for (let n = 0; n < 300; n++) {
        mutex.lock()
        const count = self.load32(at + 4)
        self.store32(at + 8, self.pid)
        if (self.load32(at + 8) !== self.pid) self.exit(9) // somebody else is in
        self.store32(at + 4, count + 1)
        if (self.load32(at + 8) !== self.pid) self.exit(9)
        mutex.unlock()
      }
      self.exit(0)`
    const codes: number[] = []
    let before = 0
    for (let round = 0; round < 4; round++) {
      const workers = await Promise.all([machine.spawn(worker(body)), machine.spawn(worker(body))])
      await until(() => init.load32(at + 4) > before + 20)
      init.kill(workers[0].pid, 'SIGKILL')
      codes.push(...(await Promise.all(workers.map(({ exited }) => exited))))
      before = init.load32(at + 4)
    }
    expect(codes.filter(code => code !== 0 && code !== 128 + C.SIGKILL)).toEqual([])
    expect(before).toBeGreaterThanOrEqual(4 * 300)
  })
})

/** A child of init with a list at `head`, whose links and words the test writes. */
function withChild(test: (init: Process, child: Process, at: number, end: () => void) => void): Promise<void> {
  return withMachine((machine, init) => {
    const at = init.mmap(0, 16 * PAGE, C.PROT_READ | C.PROT_WRITE, C.MAP_SHARED | C.MAP_ANONYMOUS)
    const child = init.fork()
    test(init, child, at, () => {
      child.exit(0)
      init.wait()
      machine.validate()
    })
    init.munmap(at, 16 * PAGE)
  })
}

it('survives lists that lead anywhere', async () => {
  // where the head is, from `at`; and what stands there: distances from `at`, and numbers
  const bad: readonly (readonly [string, head: number, words: readonly (readonly [number, bigint])[], absolute?: boolean])[] = [
    ['a head that is not mapped', 0x1000, [], true],
    ['a head that is not aligned, beyond all memory', 2 ** 53 - 1, [], true],
    ['a head across the end of what is mapped', 16 * PAGE - 16, []],
    ['an entry that is not mapped', 0, [[0, 0x1000n]], true],
    [
      'a word that is not mapped',
      0,
      [
        [0, 64n],
        [8, 2n ** 40n],
      ],
    ],
    [
      'an offset below zero',
      0,
      [
        [0, 64n],
        [8, 2n ** 64n - 128n],
      ],
    ],
    [
      'a ring without the head',
      0,
      [
        [0, 64n],
        [64, 64n],
      ],
    ],
    [
      'a list of itself',
      0,
      [
        [0, 0n],
        [16, 0n],
      ],
    ],
  ]
  for (const [name, head, words, absolute = false] of bad) {
    await withChild((_, child, at, end) => {
      for (const [word, value] of words) child.store64(at + word, word === 8 || absolute ? value : value + BigInt(at))
      child.set_robust_list(absolute && words.length === 0 ? head : at + head)
      expect(child.get_robust_list(), name).toBeGreaterThan(0)
      end()
    })
  }
})

it('looks at 2048 locks, at those alone that the process holds, and at memory that is not there yet or is only read', async () => {
  await withChild((init, child, at, end) => {
    const entries = 2060
    const entryAt = (i: number): number => at + PAGE + 16 * i
    for (let i = 0; i < entries; i++) {
      init.store64(entryAt(i), BigInt(i + 1 < entries ? entryAt(i + 1) : at))
      init.store32(entryAt(i) + 8, i === 5 ? init.pid : child.pid)
    }
    init.store64(at, BigInt(entryAt(0)))
    init.store64(at + 8, 8n)
    child.set_robust_list(at)
    end()
    const words = Array.from({ length: entries }, (_, i) => init.load32(entryAt(i) + 8))
    expect(words[5]).toBe(init.pid)
    expect(words.filter(word => word === C.FUTEX_OWNER_DIED)).toHaveLength(2047)
    expect(words.slice(2048).every(word => word === child.pid)).toBe(true)
  })
  await withChild((init, child, at, end) => {
    init.store64(at, BigInt(at + 64))
    init.store64(at + 8, 8n)
    init.store64(at + 64, BigInt(at))
    init.store32(at + 72, child.pid)
    child.mprotect(at, PAGE, C.PROT_READ)
    child.set_robust_list(at)
    end()
    expect(init.load32(at + 72), 'what the process may not write stays').toBe(child.pid)
  })
})

it('lets nobody look at the list of another user, and gives a child none', async () => {
  const { init } = await boot({ memory: '16MiB', target: 'debug' })
  init.set_robust_list(4096)
  const child = init.fork()
  expect([init.get_robust_list(), init.get_robust_list(1), child.get_robust_list(), child.get_robust_list(1)]).toEqual([
    4096, 4096, 0, 4096,
  ])
  child.set_robust_list(64)
  expect(init.get_robust_list(child.pid)).toBe(64)
  child.setresuid(7, 7, 7)
  expect(() => child.get_robust_list(1)).toThrow(expect.objectContaining({ code: 'EPERM', syscall: 'get_robust_list' }))
  expect(child.get_robust_list(child.pid)).toBe(64)
  for (const pid of [-1, 999, 2 ** 31]) expect(() => child.get_robust_list(pid)).toThrow(expect.objectContaining({ code: 'ESRCH' }))
  for (const length of [0, 23, 25, -1]) expect(() => init.set_robust_list(0, length)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  for (const bad of ['1', null, Number.NaN]) expect(() => init.set_robust_list(bad as number)).toThrow(TypeError)
})

it('waits for children without stopping the thread', async () => {
  const machine = await boot({ memory: '16MiB', target: 'debug' })
  const { init } = machine
  await expect(init.waitAsync()).rejects.toMatchObject({ code: 'ECHILD' })
  const [first, second, third] = [init.fork(), init.fork(), init.fork()] as const
  const [any, one] = [init.waitAsync(), init.waitAsync({ pid: second.pid })]
  first.exit(3)
  expect(await any).toMatchObject({ pid: first.pid, exitCode: 3 })
  init.kill(second.pid, 'SIGTERM')
  expect(await one).toMatchObject({ pid: second.pid, signal: 'SIGTERM' })
  const grandchild = third.fork()
  const orphan = expect(third.waitAsync()).rejects.toMatchObject({ code: 'ESRCH' })
  third.exit(0)
  await orphan
  grandchild.exit(5)
  expect([await init.waitAsync(), await init.waitAsync()].map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 5])
  await expect(init.waitAsync({ pid: 0.5 })).rejects.toThrow(TypeError)
  machine.validate()
})
