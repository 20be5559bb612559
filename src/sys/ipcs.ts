// What ipcs shows of a machine that does not run.
import { type IpcsOptions, renderIpcs } from '../proc/ipcs.js'
import { lookAtSnapshot } from './snapshot.js'

/**
 * What util-linux's `ipcs` would have printed in the machine when a snapshot of it was taken, as machine.ipcs does.
 * Throws an InputError if it is no snapshot of this version, or damaged; else as machine.ipcs.
 */
export function ipcs(snapshot: Uint8Array, options: IpcsOptions = {}): string {
  return renderIpcs(lookAtSnapshot(snapshot), options)
}
