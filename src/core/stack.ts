// Stack for a call into the core. Running out of it in the middle of a call is a RangeError half-way through a change, so
// each call first asks for as much as the deepest needs. WebAssembly cannot ask; but V8 checks at a function's entry whether
// its whole frame fits. So there is a function with a frame of that size, which returns at once.

/** Values of eight bytes in the frame: 32 KiB, several times what the deepest call was seen to need. */
const VALUES = 4096

/** A number in LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body]
}

/**
 * A module with one function, `reserve(never: i32): f64`. If `never` is not 0, it adds up what so many calls of itself
 * return, all of which it has to keep until the last has returned.
 */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  // local.get 0, call 0; f64.add
  const calls = Array.from({ length: VALUES }, () => [0x20, 0, 0x10, 0]).flat()
  const sums = Array.from({ length: VALUES - 1 }, () => 0xa0)
  // local.get 0, if (result f64) …, else f64.const 0 end, end
  const code = [0, 0x20, 0, 0x04, 0x7c, ...calls, ...sums, 0x05, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b, 0x0b]
  const name = [...new TextEncoder().encode('reserve')]
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7c]),
    ...section(3, [1, 0]),
    ...section(7, [1, name.length, ...name, 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  )
}

let reserve: WebAssembly.ExportValue | undefined

/** The function, for the core to import: it throws a RangeError if there is too little stack for a call. */
export function stackReserve(): WebAssembly.ImportValue {
  reserve ??= new WebAssembly.Instance(new WebAssembly.Module(moduleBytes())).exports.reserve as WebAssembly.ExportValue
  return reserve as WebAssembly.ImportValue
}
