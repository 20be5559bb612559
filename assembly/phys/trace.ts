// The trace rings: what happened last, in a ring of events per CPU that only its thread writes, without
// a lock, and that anyone reads while it does. Who writes fills the slot of an event and then publishes it
// by raising `Cpu.events`. Who reads takes events below that, and looks at it again afterwards: the slots
// of the last size - 2 events were not written meanwhile. Machines that do not trace have no rings:
// phys/rings makes them. Takes nothing.
import { Cpu } from '../sync/cpu'

/** One event: 32 bytes. Guard: the CPU's thread; read racily. */
@unmanaged
@final
export class TraceEvent {
  /** How many events of this CPU came before. */
  sequence: u64
  /** A number of abi/event. */
  event: u32
  /** The process that was in a call or faulted. */
  pid: u32
  /** What the event says. */
  first: u64
  second: u64

  /** Writes an event of this CPU if the machine traces: one load and one branch if not. */
  @inline
  static note(event: u32, first: u64, second: u64): void {
    TraceEvent.noteOn(Cpu.current, event, first, second)
  }

  /** As note, where this CPU is known. */
  @inline
  static noteOn(cpu: Cpu, event: u32, first: u64, second: u64): void {
    if (cpu.ring !== 0) write(event, first, second)
  }
}

/** Shift of the size of an event. */
export const EVENT_SHIFT: u32 = 5

function write(event: u32, first: u64, second: u64): void {
  const cpu = Cpu.current
  const sequence = cpu.events
  const slot = changetype<TraceEvent>(cpu.ring + (((<u32>sequence & cpu.ringMask) << EVENT_SHIFT) as usize))
  slot.sequence = sequence
  slot.event = event
  slot.pid = cpu.pid
  slot.first = first
  slot.second = second
  atomic.store<u64>(changetype<usize>(cpu), sequence + 1, offsetof<Cpu>('events'))
}

if (offsetof<TraceEvent>() !== 1 << EVENT_SHIFT) ERROR('struct TraceEvent is not 32 bytes')
