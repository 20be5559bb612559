// The core's struct layouts as the compiler sees them: an asc transform collects them and the
// build writes them to layout.gen.ts, so that no offset is typed twice.
import type { Program } from 'assemblyscript'

/** What is read of a compiled class; the compiler's declarations say no more than Element. */
interface CompiledClass {
  nextMemoryOffset: number
  members: Map<string, { instance?: { memoryOffset: number } | null }> | null
}

/** Collects the layouts of structs while asc compiles. */
export class StructLayouts {
  /** Offset of every field, by struct and field; the field `SIZE` is the struct's size. */
  readonly structs = new Map<string, Map<string, number>>()
  readonly #wanted: ReadonlySet<string>
  #program: Program | undefined

  /** Collects the classes with these internal names, such as `assembly/replay/Replay`. */
  constructor(wanted: Iterable<string>) {
    this.#wanted = new Set(wanted)
  }

  /** Called by asc once declarations are known. */
  afterInitialize(program: Program): void {
    this.#program = program
  }

  /** Called by asc when layouts are resolved. */
  afterCompile(): void {
    for (const path of this.#wanted) {
      const element = this.#program?.instancesByName.get(path) as CompiledClass | undefined
      if (!element) throw new Error(`${path}: not a struct of the core, or unused`)
      this.structs.set(path.replace(/^.*\//, ''), fieldOffsets(element))
    }
  }
}

function fieldOffsets({ nextMemoryOffset, members }: CompiledClass): Map<string, number> {
  const offsets = new Map([['SIZE', nextMemoryOffset]])
  for (const [field, { instance }] of members ?? []) {
    if (instance && instance.memoryOffset >= 0) offsets.set(field, instance.memoryOffset)
  }
  return offsets
}

/** The source of layout.gen.ts. */
export function renderLayouts(modules: readonly StructLayouts[]): string {
  const lines = ["// GENERATED from the core's struct classes by the build; do not edit. Offsets and sizes in bytes."]
  for (const [name, fields] of modules.flatMap(({ structs }) => [...structs])) {
    lines.push('', `/** Field offsets of the core's struct ${name}. */`, `export const ${name}Layout = {`)
    for (const [field, offset] of fields) lines.push(`  ${field}: ${offset},`)
    lines.push('} as const')
  }
  return `${lines.join('\n')}\n`
}
