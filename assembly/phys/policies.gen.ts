// GENERATED from assembly/policy/registry.ts by the build; do not edit.
import { Aging as Policy0 } from '../policy/aging'
import { Arc as Policy1 } from '../policy/arc'
import { Car as Policy2 } from '../policy/car'
import { Clock as Policy3 } from '../policy/clock'
import { ClockPro as Policy4 } from '../policy/clockpro'
import { Fifo as Policy5 } from '../policy/fifo'
import { Gclock as Policy6 } from '../policy/gclock'
import { LeCar as Policy7 } from '../policy/lecar'
import { Lfu as Policy8 } from '../policy/lfu'
import { Lfuda as Policy9 } from '../policy/lfuda'
import { Lirs as Policy10 } from '../policy/lirs'
import { Lru as Policy11 } from '../policy/lru'
import { Lruk as Policy12 } from '../policy/lruk'
import { Mq as Policy13 } from '../policy/mq'
import { Mru as Policy14 } from '../policy/mru'
import { Nru as Policy15 } from '../policy/nru'
import { Qdlp as Policy17 } from '../policy/qdlp'
import { Random as Policy18 } from '../policy/random'
import { S3Fifo as Policy19 } from '../policy/s3fifo'
import { Sieve as Policy20 } from '../policy/sieve'
import { Slru as Policy21 } from '../policy/slru'
import { Twolist as Policy22 } from '../policy/twolist'
import { TwoQ as Policy23 } from '../policy/twoq'
import { WTinyLfu as Policy24 } from '../policy/wtinylfu'
import { Frame } from './frame'
import * as engine from './slots'
import { Superblock } from './superblock'

export function footprintOf(policy: u32, slots: u32): usize {
  switch (policy) {
    case 0:
      return engine.footprint<Policy0>(slots)
    case 1:
      return engine.footprint<Policy1>(slots)
    case 2:
      return engine.footprint<Policy2>(slots)
    case 3:
      return engine.footprint<Policy3>(slots)
    case 4:
      return engine.footprint<Policy4>(slots)
    case 5:
      return engine.footprint<Policy5>(slots)
    case 6:
      return engine.footprint<Policy6>(slots)
    case 7:
      return engine.footprint<Policy7>(slots)
    case 8:
      return engine.footprint<Policy8>(slots)
    case 9:
      return engine.footprint<Policy9>(slots)
    case 10:
      return engine.footprint<Policy10>(slots)
    case 11:
      return engine.footprint<Policy11>(slots)
    case 12:
      return engine.footprint<Policy12>(slots)
    case 13:
      return engine.footprint<Policy13>(slots)
    case 14:
      return engine.footprint<Policy14>(slots)
    case 15:
      return engine.footprint<Policy15>(slots)
    case 17:
      return engine.footprint<Policy17>(slots)
    case 18:
      return engine.footprint<Policy18>(slots)
    case 19:
      return engine.footprint<Policy19>(slots)
    case 20:
      return engine.footprint<Policy20>(slots)
    case 21:
      return engine.footprint<Policy21>(slots)
    case 22:
      return engine.footprint<Policy22>(slots)
    case 23:
      return engine.footprint<Policy23>(slots)
    case 24:
      return engine.footprint<Policy24>(slots)
  }
  unreachable()
  return 0
}

export function startPolicy(): void {
  switch (Superblock.only.policy - 1) {
    case 0:
      return engine.start<Policy0>()
    case 1:
      return engine.start<Policy1>()
    case 2:
      return engine.start<Policy2>()
    case 3:
      return engine.start<Policy3>()
    case 4:
      return engine.start<Policy4>()
    case 5:
      return engine.start<Policy5>()
    case 6:
      return engine.start<Policy6>()
    case 7:
      return engine.start<Policy7>()
    case 8:
      return engine.start<Policy8>()
    case 9:
      return engine.start<Policy9>()
    case 10:
      return engine.start<Policy10>()
    case 11:
      return engine.start<Policy11>()
    case 12:
      return engine.start<Policy12>()
    case 13:
      return engine.start<Policy13>()
    case 14:
      return engine.start<Policy14>()
    case 15:
      return engine.start<Policy15>()
    case 17:
      return engine.start<Policy17>()
    case 18:
      return engine.start<Policy18>()
    case 19:
      return engine.start<Policy19>()
    case 20:
      return engine.start<Policy20>()
    case 21:
      return engine.start<Policy21>()
    case 22:
      return engine.start<Policy22>()
    case 23:
      return engine.start<Policy23>()
    case 24:
      return engine.start<Policy24>()
  }
  unreachable()
}

export function arrivePage(frame: Frame, shadow: u32): void {
  switch (Superblock.only.policy - 1) {
    case 0:
      return engine.arriveLocked<Policy0>(frame, shadow)
    case 1:
      return engine.arriveLocked<Policy1>(frame, shadow)
    case 2:
      return engine.arriveLocked<Policy2>(frame, shadow)
    case 3:
      return engine.arriveLocked<Policy3>(frame, shadow)
    case 4:
      return engine.arriveLocked<Policy4>(frame, shadow)
    case 5:
      return engine.arriveLocked<Policy5>(frame, shadow)
    case 6:
      return engine.arriveLocked<Policy6>(frame, shadow)
    case 7:
      return engine.arriveLocked<Policy7>(frame, shadow)
    case 8:
      return engine.arriveLocked<Policy8>(frame, shadow)
    case 9:
      return engine.arriveLocked<Policy9>(frame, shadow)
    case 10:
      return engine.arriveLocked<Policy10>(frame, shadow)
    case 11:
      return engine.arriveLocked<Policy11>(frame, shadow)
    case 12:
      return engine.arriveLocked<Policy12>(frame, shadow)
    case 13:
      return engine.arriveLocked<Policy13>(frame, shadow)
    case 14:
      return engine.arriveLocked<Policy14>(frame, shadow)
    case 15:
      return engine.arriveLocked<Policy15>(frame, shadow)
    case 17:
      return engine.arriveLocked<Policy17>(frame, shadow)
    case 18:
      return engine.arriveLocked<Policy18>(frame, shadow)
    case 19:
      return engine.arriveLocked<Policy19>(frame, shadow)
    case 20:
      return engine.arriveLocked<Policy20>(frame, shadow)
    case 21:
      return engine.arriveLocked<Policy21>(frame, shadow)
    case 22:
      return engine.arriveLocked<Policy22>(frame, shadow)
    case 23:
      return engine.arriveLocked<Policy23>(frame, shadow)
    case 24:
      return engine.arriveLocked<Policy24>(frame, shadow)
  }
  unreachable()
}

export function accessPage(frame: Frame): void {
  switch (Superblock.only.policy - 1) {
    case 0:
      return engine.accessLocked<Policy0>(frame)
    case 1:
      return engine.accessLocked<Policy1>(frame)
    case 2:
      return engine.accessLocked<Policy2>(frame)
    case 3:
      return engine.accessLocked<Policy3>(frame)
    case 4:
      return engine.accessLocked<Policy4>(frame)
    case 5:
      return engine.accessLocked<Policy5>(frame)
    case 6:
      return engine.accessLocked<Policy6>(frame)
    case 7:
      return engine.accessLocked<Policy7>(frame)
    case 8:
      return engine.accessLocked<Policy8>(frame)
    case 9:
      return engine.accessLocked<Policy9>(frame)
    case 10:
      return engine.accessLocked<Policy10>(frame)
    case 11:
      return engine.accessLocked<Policy11>(frame)
    case 12:
      return engine.accessLocked<Policy12>(frame)
    case 13:
      return engine.accessLocked<Policy13>(frame)
    case 14:
      return engine.accessLocked<Policy14>(frame)
    case 15:
      return engine.accessLocked<Policy15>(frame)
    case 17:
      return engine.accessLocked<Policy17>(frame)
    case 18:
      return engine.accessLocked<Policy18>(frame)
    case 19:
      return engine.accessLocked<Policy19>(frame)
    case 20:
      return engine.accessLocked<Policy20>(frame)
    case 21:
      return engine.accessLocked<Policy21>(frame)
    case 22:
      return engine.accessLocked<Policy22>(frame)
    case 23:
      return engine.accessLocked<Policy23>(frame)
    case 24:
      return engine.accessLocked<Policy24>(frame)
  }
  unreachable()
}

export function leavePage(frame: Frame): void {
  switch (Superblock.only.policy - 1) {
    case 0:
      return engine.leaveLocked<Policy0>(frame)
    case 1:
      return engine.leaveLocked<Policy1>(frame)
    case 2:
      return engine.leaveLocked<Policy2>(frame)
    case 3:
      return engine.leaveLocked<Policy3>(frame)
    case 4:
      return engine.leaveLocked<Policy4>(frame)
    case 5:
      return engine.leaveLocked<Policy5>(frame)
    case 6:
      return engine.leaveLocked<Policy6>(frame)
    case 7:
      return engine.leaveLocked<Policy7>(frame)
    case 8:
      return engine.leaveLocked<Policy8>(frame)
    case 9:
      return engine.leaveLocked<Policy9>(frame)
    case 10:
      return engine.leaveLocked<Policy10>(frame)
    case 11:
      return engine.leaveLocked<Policy11>(frame)
    case 12:
      return engine.leaveLocked<Policy12>(frame)
    case 13:
      return engine.leaveLocked<Policy13>(frame)
    case 14:
      return engine.leaveLocked<Policy14>(frame)
    case 15:
      return engine.leaveLocked<Policy15>(frame)
    case 17:
      return engine.leaveLocked<Policy17>(frame)
    case 18:
      return engine.leaveLocked<Policy18>(frame)
    case 19:
      return engine.leaveLocked<Policy19>(frame)
    case 20:
      return engine.leaveLocked<Policy20>(frame)
    case 21:
      return engine.leaveLocked<Policy21>(frame)
    case 22:
      return engine.leaveLocked<Policy22>(frame)
    case 23:
      return engine.leaveLocked<Policy23>(frame)
    case 24:
      return engine.leaveLocked<Policy24>(frame)
  }
  unreachable()
}

export function checkPolicy(): void {
  switch (Superblock.only.policy - 1) {
    case 0:
      return engine.check<Policy0>()
    case 1:
      return engine.check<Policy1>()
    case 2:
      return engine.check<Policy2>()
    case 3:
      return engine.check<Policy3>()
    case 4:
      return engine.check<Policy4>()
    case 5:
      return engine.check<Policy5>()
    case 6:
      return engine.check<Policy6>()
    case 7:
      return engine.check<Policy7>()
    case 8:
      return engine.check<Policy8>()
    case 9:
      return engine.check<Policy9>()
    case 10:
      return engine.check<Policy10>()
    case 11:
      return engine.check<Policy11>()
    case 12:
      return engine.check<Policy12>()
    case 13:
      return engine.check<Policy13>()
    case 14:
      return engine.check<Policy14>()
    case 15:
      return engine.check<Policy15>()
    case 17:
      return engine.check<Policy17>()
    case 18:
      return engine.check<Policy18>()
    case 19:
      return engine.check<Policy19>()
    case 20:
      return engine.check<Policy20>()
    case 21:
      return engine.check<Policy21>()
    case 22:
      return engine.check<Policy22>()
    case 23:
      return engine.check<Policy23>()
    case 24:
      return engine.check<Policy24>()
  }
  unreachable()
}
