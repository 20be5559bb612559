// Custom sections: what a module carries beside its code, and takes along when it is posted to a worker.

/** The module with one more custom section. */
export function withSection(wasm: Uint8Array, name: string, contents: Uint8Array): Uint8Array<ArrayBuffer> {
  const label = new TextEncoder().encode(name)
  const head = Uint8Array.of(0, ...leb(1 + label.length + contents.length), label.length, ...label)
  const bytes = new Uint8Array(wasm.length + head.length + contents.length)
  bytes.set(wasm)
  bytes.set(head, wasm.length)
  bytes.set(contents, wasm.length + head.length)
  return bytes
}

/** An unsigned number in LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]
}

/** The section in which the build writes the hash of the layouts that a module was compiled with. */
const LAYOUT = 'faultline.layout'

/** The module with the hash of its layouts. */
export function withLayoutHash(wasm: Uint8Array, hash: number): Uint8Array<ArrayBuffer> {
  const contents = new Uint8Array(4)
  new DataView(contents.buffer).setUint32(0, hash, true)
  return withSection(wasm, LAYOUT, contents)
}

/** The hash of the layouts that a module was compiled with; undefined if it carries none. */
export function layoutHashOf(module: WebAssembly.Module): number | undefined {
  const [section] = WebAssembly.Module.customSections(module, LAYOUT)
  return section?.byteLength === 4 ? new DataView(section).getUint32(0, true) : undefined
}
