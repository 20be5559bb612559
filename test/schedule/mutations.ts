// Protocols with a step left out or done wrongly: an exploration that finds no schedule which shows it tests too little.
// The texts are those of the core's sources; where one is gone, the build says so.
import type { Mutation } from './build.js'

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a fault does not look whether its page was taken out meanwhile',
    cases: ['fault-truncate', 'fault-punch'],
    patches: [{ file: 'assembly/mm/fault.ts', from: 'object.generationNow !== generation', to: 'false', expression: true }],
  },
  {
    name: 'a page is entered without looking for another that was faster',
    cases: ['fault-fault-shared'],
    patches: [{ file: 'assembly/map/radix.ts', from: '  if (old !== 0) return old\n', to: '' }],
  },
  {
    name: 'who takes pages out of an object does not wait for those who walk its tree',
    cases: ['walk-punch'],
    patches: [
      {
        file: 'assembly/map/mapping.ts',
        from: "addTo<u32>(changetype<usize>(this) + offsetof<Mapping>('generation'), 1)\n    Cpu.awaitWalks(changetype<usize>(this), Superblock.only.cpus)",
        to: "addTo<u32>(changetype<usize>(this) + offsetof<Mapping>('generation'), 1)",
      },
    ],
  },
  {
    name: 'a frame is counted when the walk that found it is over',
    cases: ['walk-punch'],
    patches: [
      {
        file: 'assembly/mm/shmem.ts',
        from: '  if (frame && !reserved) frame.addMapping()\n',
        to: '  Cpu.current.endWalk()\n  if (frame && !reserved) frame.addMapping()\n',
      },
    ],
  },
  {
    name: 'who takes a page away does not wait for the end of a section',
    cases: ['shootdown-store', 'threads-fault-mprotect'],
    patches: [
      {
        file: 'assembly/map/tlb.ts',
        from: 'for (let rest = cpus; rest !== 0; rest &= rest - 1) awaitSection(Cpu.at(ctz(rest)))',
        to: '',
      },
    ],
  },
  {
    name: 'who takes a page away leaves it in the TLB of another CPU',
    cases: ['shootdown-store'],
    patches: [{ file: 'assembly/mm/space.ts', from: 'flushPage(cpus, vpn, mm.id)', to: '' }],
  },
  {
    name: 'a thread sets an entry without looking whether another of the space was faster',
    cases: ['threads-fault-fault-beside'],
    patches: [
      {
        file: 'assembly/mm/space.ts',
        from: 'atomic.cmpxchg<u64>(at, 0, pte) !== 0',
        to: 'atomic.xchg<u64>(at, pte) === u64.MAX_VALUE',
        expression: true,
      },
    ],
  },
  {
    name: 'who takes a space or its tables to write does not wait for those who read',
    cases: ['threads-fault-munmap', 'threads-fault-mprotect'],
    patches: [{ file: 'assembly/sync/sharedLock.ts', from: 'if (others !== 0) awaitReaders(this, others, rank)', to: '' }],
  },
  {
    name: 'a lock is looked at and taken in two steps',
    cases: ['fault-fault-shared', 'get-get'],
    patches: [
      {
        file: 'assembly/sync/lock.ts',
        from: 'atomic.cmpxchg<u32>(changetype<usize>(this), 0, me) !== 0',
        to: '(atomic.load<u32>(changetype<usize>(this)) !== 0 || atomic.xchg<u32>(changetype<usize>(this), me) > u32.MAX_VALUE - 1)',
        expression: true,
      },
    ],
  },
  {
    name: 'who has slept at a lock takes it as if nobody else slept',
    cases: ['stat-three'],
    patches: [
      {
        file: 'assembly/sync/lock.ts',
        from: 'atomic.cmpxchg<u32>(word, 0, me | SLEEPERS)',
        to: 'atomic.cmpxchg<u32>(word, 0, me)',
        expression: true,
      },
    ],
  },
  {
    name: 'who gives a lock back wakes nobody',
    cases: ['get-get'],
    patches: [{ file: 'assembly/sync/lock.ts', from: 'atomic.notify(changetype<usize>(lock), 1)', to: '' }],
  },
  {
    name: 'a reference to a frame is counted in two steps',
    cases: ['fault-fault-zero-page'],
    patches: [
      {
        file: 'assembly/phys/frame.ts',
        from: "atomic.add<u32>(changetype<usize>(this), 1, offsetof<Frame>('refs'))",
        to: "atomic.store<u32>(changetype<usize>(this), atomic.load<u32>(changetype<usize>(this), offsetof<Frame>('refs')) + 1, offsetof<Frame>('refs'))",
      },
    ],
  },
  {
    name: 'a last reference to a name is recognised in two steps',
    cases: ['last-reference'],
    patches: [
      {
        file: 'assembly/map/dentry.ts',
        from: "atomic.sub<u32>(changetype<usize>(last), 1, offsetof<Dentry>('refs')) === 1",
        to: "(atomic.load<u32>(changetype<usize>(last), offsetof<Dentry>('refs')) === 1 || atomic.sub<u32>(changetype<usize>(last), 1, offsetof<Dentry>('refs')) === 0)",
        expression: true,
      },
    ],
  },
  {
    name: 'a word is compared before its bucket is locked for the waiter',
    cases: ['wait-on-notify'],
    patches: [
      {
        file: 'assembly/call/futex.ts',
        from: 'if (value === <i64>expected) enterWaiterLocked(bucket, waiter, key, bits)',
        to: 'bucket.unlock(Rank.Futex); bucket.lock(Rank.Futex); if (value === <i64>expected) enterWaiterLocked(bucket, waiter, key, bits)',
      },
    ],
  },
  {
    name: 'a waiter is notified before its word says that it was woken',
    cases: ['wait-on-notify'],
    patches: [
      {
        file: 'assembly/ipc/waiter.ts',
        from: `  atomic.store<i32>(changetype<usize>(waiter), status, offsetof<Waiter>('status'))
  atomic.notify(changetype<usize>(waiter) + offsetof<Waiter>('status'), -1)`,
        to: `  atomic.notify(changetype<usize>(waiter) + offsetof<Waiter>('status'), -1)
  atomic.store<i32>(changetype<usize>(waiter), status, offsetof<Waiter>('status'))`,
      },
    ],
  },
  {
    name: 'a parent sleeps on what its count of ended children is, not on what it was before it looked',
    cases: ['wait-exit'],
    patches: [
      {
        file: 'assembly/proc/wait.ts',
        from: 'Cpu.current.sleep(events, seen)',
        to: 'Cpu.current.sleep(events, atomic.load<u32>(events))',
        expression: true,
      },
    ],
  },
  {
    name: 'a call begins without looking whether the machine is stopped',
    cases: ['stop-attach'],
    patches: [
      {
        file: 'assembly/sync/cpu.ts',
        from: '(this.wants & (DOOMED | STOPPED)) === 0 ? true : this.beginLater()',
        to: 'true',
        expression: true,
      },
    ],
  },
  {
    name: 'a page goes though somebody has just found it in the swap cache',
    cases: ['pageout-fault'],
    patches: [
      { file: 'assembly/map/swap.ts', from: 'frame.refCount === 2 && frame.mapCount === 0', to: 'frame.mapCount === 0', expression: true },
    ],
  },
  {
    name: 'a segment is not kept while it is being attached',
    cases: ['rmid-attach'],
    patches: [
      { file: 'assembly/call/shm.ts', from: 'if (segment && allowed) segment.attachments++', to: '' },
      {
        file: 'assembly/call/shm.ts',
        from: '  namespace.lock(Rank.Ipc)\n  dropAttachmentLocked(segment)\n  namespace.unlock(Rank.Ipc)\n',
        to: '',
      },
    ],
  },
]
