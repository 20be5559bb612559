// The per-thread block. Every thread that enters the machine is one CPU of it, and only that
// thread writes its block, so most of it needs no guard. The static field is the module's one
// mutable global: a wasm global, hence per thread.
import { DOOMED, GONE, RETIRED, STOPPED } from '../abi/attention'
import { CPU_BUFFER, CPU_SIZE, CPUS } from '../abi/layout'
import { PANIC_DEAD_THREAD, PANIC_STUCK_SECTION } from '../abi/panic'
import { bug, panicked } from '../lib/bug'
import { wait } from './host'

/** The longest sleep before looking for a panic, or for what else may have changed, in milliseconds. */
const PATIENCE: f64 = 100
/** Rounds of spinning before sleeping while another thread does a few instructions: it lost its core. */
const SPINS: u32 = 1000
/** Sleeps of a millisecond after which it is taken for gone, though nobody said so: a minute. */
const LAST_SLEEP: u32 = 60000

/** In `Cpu.short`: no frame was free; above it, 1 + g: those of control group g are used up. */
export const SHORT_OF_MEMORY: u32 = 1
/** In `Cpu.short`: fewer frames are free than kswapd should leave, and it runs in the thread that notices. */
export const SHORT_OF_LOW: u32 = 0x80000000

/** In `Cpu.short`: a policy gave pages up, which are to be evicted. */
export const SHORT_OF_SLOTS: u32 = 0x40000000

/** Head of a CPU's block. */
@unmanaged
@final
export class Cpu {
  /** The block of the thread that runs. */
  static current: Cpu = changetype<Cpu>(0)

  /** The CPU's number. Guard: immutable. */
  id: u32
  /** 1 while a thread has this CPU. Guard: atomic. */
  taken: u32
  /** 1 while the thread is in a call that changes the machine. Guard: written by the owner; atomic. */
  entered: u32
  /** Bits of abi/attention: what the thread must look at before its next call, and while it sleeps in one. Guard: atomic. */
  attention: u32
  /** The signal that ended the process the thread was started for, or as a thread of, 0 as yet; the host waits for it. Guard: written under Tasks; atomic. */
  killedBy: u32
  /** What that process ended with, as waitpid has it, if this was its last thread; else all ones. Guard: the owner, or who takes the CPU back. */
  status: u32
  /** Odd while the thread uses a translation that it found in its TLB. Guard: written by the owner; atomic. */
  section: u32
  /** Address of the object whose tree of pages the thread walks without a lock, 0 if none. Guard: written by the owner; atomic. */
  walked: usize
  /** Address of the SharedLock of the rank Space that the thread has to read, 0 if none; and of that of the rank Tables. Guard: written by the owner; atomic. */
  readsSpace: u32
  readsTables: u32
  /** 1 once a second CPU was ever taken. Guard: set before that CPU's thread runs. */
  parallel: u32
  /** Bit r is set while a lock of rank r is held; kept in the debug build only. Guard: the owner. */
  held: u32
  /** The last bad access of a call on this CPU. Guard: the owner. */
  faultAddress: f64
  faultCode: u32
  /** Second result of a call. Guard: the owner. */
  extra: u32
  /** The value of a 64-bit load; an operand and the result of a 64-bit atomic operation. Guard: the owner. */
  value: u64
  /** The other operand. Guard: the owner. */
  expected: u64
  /** Why a frame was refused since the call or access began, SHORT_OF_MEMORY and the like; 0 if none was. Guard: the owner. */
  short: u32
  /**
   * How far down the call may empty a zone: 0 to its low watermark; once kswapd was told, to its min: 1 as frames are fetched the next
   * time, 2 to the end of a call, which is repeated from its beginning. Guard: the owner.
   */
  urgency: u32
  /** Whether the last bad access wrote. Guard: the owner. */
  faultWrite: u32
  /** The process that was in a call or faulted last. Guard: the owner. */
  pid: u32
  /** The control group that pays for that process's pages. Guard: the owner. */
  group: u32
  /** 1 while the thread sleeps in a call of that process, or is about to: whatever is to wake it finds it. Guard: written by the owner; atomic. */
  asleep: u32
  /**
   * Address of the Thread that this CPU's thread was started as by clone, and 1 while that may run; 0 if there is none. Guard:
   * written under Tasks; atomic.
   */
  thread: u32
  /** Address of the open file that the call holds: see fs/descriptors. Guard: the owner. */
  file: usize
  /** How often in a row reclaim for this call freed nothing. Guard: the owner. */
  stalls: u32
  /** Number of the control group of which the thread reclaims pages; 0 for all of the machine. Guard: the owner. */
  target: u32
  /** Flags of the VMA for whose fault an object's page is sought. Guard: the owner. */
  advice: u32
  /** 1 while reclaim on this CPU has aged generations, or is kswapd's: pages that it finds used need not be moved at once. Guard: the owner. */
  ages: u32
  /** 1 + the page of the last fault, if that found no memory; else 0. Guard: the owner. */
  starved: u64
  /** Where making pages present stopped for want of a frame, and where it was to end, page numbers; 0 if it did not. Guard: the owner. */
  filled: u64
  fillEnd: u64
  /** The process whose IPC namespace the host looks at; 0 for init. Guard: the owner. */
  viewer: u32
  /** Address of the ring of events, 0 if the machine does not trace; and its length less one. Guard: immutable. */
  ring: usize
  ringMask: u32
  /** How many events there were. Guard: written by the owner; atomic. */
  events: u64
  /** Address of the first of the empty page tables that the CPU keeps, linked by `next`, 0 if there is none, and how many they are. Guard: the owner. */
  tables: usize
  tableCount: u32
  /** Address of what the CPU notes for a policy that sees every access, 0 if none does: see phys/uses; and how many uses are noted. Guard: the owner. */
  uses: usize
  useCount: u32
  /** 1 once a page came, for the access that is being made: it is no use of the page beside that. Guard: the owner. */
  arrived: u32
  /** Bit r set: the thread stands still once it took a lock of rank r; bit 16 + r: once it gave one back. For tests, in the debug build only. Guard: atomic. */
  haltAt: u32
  /** 1 once it stands still. Guard: written by the owner; atomic. */
  halted: u32

  @inline
  static at(id: u32): Cpu {
    return changetype<Cpu>(CPUS + <usize>id * CPU_SIZE)
  }

  /** The CPU's bit in a set of CPUs. */
  @inline
  get bit(): u32 {
    return (<u32>1) << this.id
  }

  /** Notes that a call begins, for which the caller has reserved stack; false, and none does, if the thread is doomed. */
  @inline
  begin(): bool {
    // stored before `attention` is read, as who dooms or stops the thread sets that before it reads this
    if (this.parallel !== 0) atomic.store<u32>(changetype<usize>(this), 1, offsetof<Cpu>('entered'))
    else this.entered = 1
    return (this.wants & (DOOMED | STOPPED)) === 0 ? true : this.beginLater()
  }

  /** Waits while the machine is stopped, then begins the call; false if the thread is doomed. */
  private beginLater(): bool {
    const at = changetype<usize>(this)
    while (true) {
      const wants = this.wants
      if ((wants & (DOOMED | STOPPED)) === 0) return true
      this.end()
      if ((wants & DOOMED) !== 0) return false
      wait(at + offsetof<Cpu>('attention'), wants, PATIENCE)
      if (panicked()) unreachable()
      atomic.store<u32>(at, 1, offsetof<Cpu>('entered'))
    }
  }

  /**
   * Sleeps in the middle of a call until a word is no longer `expected`, or for a while. Who sleeps is in no call,
   * so that the machine may be stopped, and the thread ended; false if the call must not go on, as the thread is doomed.
   */
  sleep(word: usize, expected: u32, milliseconds: f64 = PATIENCE): bool {
    this.asleep = 1
    this.end()
    wait(word, expected, milliseconds)
    const mayGoOn = this.begin()
    this.asleep = 0
    if (panicked()) unreachable()
    return mayGoOn
  }

  /** Whether the thread is in a call: one that is retired may seem to begin one, and does not. */
  get isInside(): bool {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Cpu>('entered')) !== 0 && (this.wants & RETIRED) === 0
  }

  /** Whether the thread is gone. */
  get isGone(): bool {
    return (this.wants & GONE) !== 0
  }

  /** Whether the thread is gone in the middle of a call, with all it holds. */
  get isLost(): bool {
    // looked at twice, lest the CPU has a new thread by now, which is in a call
    return this.isGone && this.isInside && this.isGone
  }

  /** Whether the call or access that ends was refused a frame, or is one that was repeated because of that. */
  @inline
  get wasShort(): bool {
    return load<u64>(changetype<usize>(this), offsetof<Cpu>('short')) !== 0
  }

  /** Notes that the call is over. */
  @inline
  end(): void {
    this.entered = 0
  }

  /** What asks for the thread's attention; a call that sleeps gives up if it is not 0. */
  @inline
  get wants(): u32 {
    return atomic.load<u32>(changetype<usize>(this), offsetof<Cpu>('attention'))
  }

  /** Asks for the thread's attention. */
  @inline
  call(bits: u32): void {
    atomic.or<u32>(changetype<usize>(this), bits, offsetof<Cpu>('attention'))
  }

  /** Whether no other thread was ever let into the machine, so that nothing need be atomic. */
  @inline
  static get alone(): bool {
    return Cpu.current.parallel === 0
  }

  /** Begins a section. */
  @inline
  openSection(): void {
    if (this.parallel !== 0) atomic.add<u32>(changetype<usize>(this), 1, offsetof<Cpu>('section'))
  }

  /** Ends the section. */
  @inline
  closeSection(): void {
    if (this.parallel !== 0) atomic.add<u32>(changetype<usize>(this), 1, offsetof<Cpu>('section'))
  }

  /** Says that the thread walks an object's tree: until endWalk, what is taken out of it is not let go of. */
  @inline
  beginWalk(object: usize): void {
    // stored before the tree is read, as who takes pages out does that before it reads this
    if (this.parallel !== 0) atomic.store<u32>(changetype<usize>(this), <u32>object, offsetof<Cpu>('walked'))
  }

  /** Ends the walk. */
  @inline
  endWalk(): void {
    if (this.parallel !== 0) atomic.store<u32>(changetype<usize>(this), 0, offsetof<Cpu>('walked'))
  }

  /** Returns once no thread walks the tree of an object that it began to walk before. */
  static awaitWalks(object: usize, cpus: u32): void {
    if (Cpu.alone) return
    for (let id: u32 = 0; id < cpus; id++) Cpu.at(id).awaitChange(offsetof<Cpu>('walked'), <u32>object)
  }

  /** Returns once a word of this block is not `value`, as its thread changes it within a few instructions; or if the thread is gone, in no call. */
  awaitChange(offset: usize, value: u32): void {
    const at = changetype<usize>(this) + offset
    for (let spins: u32 = 0; atomic.load<u32>(at) === value; spins++) {
      if (spins < SPINS) continue
      wait(at, value, 1)
      if (panicked()) unreachable()
      if (this.isLost) bug(PANIC_DEAD_THREAD, this.id, this.pid)
      if (this.isGone) return
      if (spins > SPINS + LAST_SLEEP) bug(PANIC_STUCK_SECTION, this.id, value)
    }
  }

  /** Address of this CPU's transfer buffer. */
  @inline
  get buffer(): usize {
    return changetype<usize>(this) + CPU_BUFFER
  }
}

if (offsetof<Cpu>('short') % 8 !== 0 || offsetof<Cpu>('urgency') !== offsetof<Cpu>('short') + 4) ERROR('short and urgency are no pair')
