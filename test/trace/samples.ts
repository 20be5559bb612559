// A small trace in each format, made here from bytes, with the references it holds.

/** Fields of a binary record: bytes each takes, and value; negative values are two's complement. */
type Field = readonly [bytes: number, value: bigint | number]

/** Lays fields out one behind the other, little-endian. */
export function binary(...fields: readonly Field[]): Uint8Array {
  const length = fields.reduce((sum, [size]) => sum + size, 0)
  const bytes = new Uint8Array(length)
  let at = 0
  for (const [size, value] of fields) {
    for (let i = 0; i < size; i++) bytes[at++] = Number((BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * i)) & 255n)
  }
  return bytes
}

/** An oracleGeneral record. */
export function oracleRecord(time: number, id: bigint | number, size: number, next: number): Uint8Array {
  return binary([4, time], [8, id], [4, size], [8, next])
}

/** A vscsi record of version 1. */
export function vscsi1(command: number, lbn: bigint | number, size: number): Uint8Array {
  return binary([4, 1], [4, size], [4, 1], [2, command], [2, 0x0100], [8, lbn], [8, 5])
}

/** A vscsi record of version 2. */
export function vscsi2(command: number, lbn: bigint | number, size: number): Uint8Array {
  return binary([2, command], [2, 0x0200], [4, 1], [4, size], [4, 1], [8, lbn], [8, 5], [8, 6])
}

/** A ChampSim record. */
export function champsimRecord(ip: number, written: readonly number[], read: readonly number[]): Uint8Array {
  const addresses = (values: readonly number[], count: number): Field[] =>
    Array.from({ length: count }, (_, i) => [8, values[i] ?? 0] as const)
  return binary([8, ip], [1, 1], [1, 0], [6, 0], ...addresses(written, 2), ...addresses(read, 4))
}

const lines = (...text: string[]): Uint8Array => Buffer.from(`${text.join('\n')}\n`)

/** A trace: its format, its bytes, and its references at pages of 4 KiB, as `textOf` shows them. */
export interface Sample {
  format: string
  what?: string
  bytes: Uint8Array
  expected: string
}

export const SAMPLES: readonly Sample[] = [
  {
    format: 'oracleGeneral',
    bytes: Buffer.concat([
      oracleRecord(1, 2n ** 63n + 5n, 512, 4),
      oracleRecord(1, 7, 1, -1),
      oracleRecord(2, 9, 0, -1),
      oracleRecord(3, 2n ** 63n + 5n, 512, -1),
    ]),
    expected: '9223372036854775813r 7r 9223372036854775813r',
  },
  {
    format: 'vscsi',
    what: 'version 1',
    bytes: Buffer.concat([vscsi1(0x2a, 100, 512), vscsi1(0x28, 2n ** 40n, 512), vscsi1(0x8a, 100, 512)]),
    expected: '100w 1099511627776r 100w',
  },
  {
    format: 'vscsi',
    what: 'version 2',
    bytes: Buffer.concat([vscsi2(0x28, 100, 512), vscsi2(0xa8, 8, 512), vscsi2(0xae, 100, 512)]),
    expected: '100r 8r 100w',
  },
  {
    format: 'champsim',
    bytes: Buffer.concat([champsimRecord(0x401000, [0x7000, 0x9000], [0x5000, 0, 0, 0x6000]), champsimRecord(0x401008, [], [0x5010])]),
    expected: '1025r 5r 6r 7w 9w 1025r 5r',
  },
  {
    format: 'lackey',
    bytes: lines(
      '==12== Lackey, an example Valgrind tool',
      '==12== ',
      'I  00401000,3',
      ' L 1fff000698,8',
      ' S 00005ffc,8',
      ' M 00007000,4',
    ),
    expected: '1025r 33550336r 5w 6w 7r 7w',
  },
  {
    format: 'events',
    bytes: lines(
      '# two processes',
      '1 mmap 0x4000 16384',
      '1 w 0x5000',
      '  r 20480 4097',
      '1 fork 7',
      '7\tmmap 0x10000 0x1000 ro shared heap 4096',
      ' w 0x4fff 2  ',
      'exit',
      '1 munmap 0x4000 4096',
    ),
    expected: '5w 5r 6r 4w 5w',
  },
  { format: 'ucsd', bytes: lines('s 0x1fffff50 1', 'l 0x1fffff58 0', 'l 0x20000000 12'), expected: '131071w 131071r 131072r' },
  {
    format: 'pinatrace',
    bytes: lines('0x7f0000401000: R 0x5000', '0x7f0000401004: W 0x6000', '0x7f0000401004: R (nil)', '0x1: W 0x7ffe  8 0x12', '#eof'),
    expected: '5r 6w 0r 7w 8w',
  },
  {
    format: 'drmemtrace',
    bytes: lines(
      'Output format:',
      '<--record#-> <--instr#->: <---tid---> <record details>',
      '------------------------------------------------------------',
      '           1           0:     3264007 <marker: version 6>',
      '           2           1:     3264007 ifetch       3 byte(s) @ 0x0000000000401fff 48 89 e7             mov    %rsp, %rdi',
      '           3           1:     3264007 write        8 byte(s) @ 0x0000000000005000 by PC 0x0000000000401fff',
      '           4           2:     3264007 read         4 byte(s) @ 0x0000000000005ffc by PC 0x0000000000401fff',
      '           5           2:     3264007 prefetch     4 byte(s) @ 0x0000000000009000 by PC 0x0000000000401fff',
      'View tool results:',
      '               2 : total instructions',
    ),
    expected: '1025r 1026r 5w 5r',
  },
  {
    format: 'dinero',
    bytes: lines('2 401000', '0 5000', '1 7fff5ffc', '1 5ffc 8', 'r 0x5004', '4 0'),
    expected: '1025r 5r 524277w 5w 6w 5r',
  },
  {
    format: 'msr',
    bytes: lines(
      '128166372003061629,hm,1,Read,383496192,32768,413',
      '128166372016382155,hm,1,Write,2822144,4096,52',
      '1,hm,1,read,383496192,512,1',
    ),
    expected: '383496192r 2822144w 383496192r',
  },
  {
    format: 'csv',
    what: 'with a header',
    bytes: lines('version,time,op,size,lbn', '1,5633898,2a,512,42932745', '1,5633898,28,512,0x11', '1,5633898,2A,512,42932745'),
    expected: '42932745w 17r 42932745w',
  },
  { format: 'lirs', bytes: lines('12', '13', '*', '12'), expected: '12r 13r 12r' },
  {
    format: 'txt',
    bytes: lines('# ids', '12', ' 0xFFFFFFFFFFFFFFFF ', '', '18446744073709551615', '1234567890123456789'),
    expected: '12r 18446744073709551615r 18446744073709551615r 1234567890123456789r',
  },
]

/** A sample's title in the tests. */
export function titleOf({ format, what }: Sample): string {
  return what ? `${format}, ${what}` : format
}
