// The core's struct layouts and enums as the compiler sees them: an asc transform collects them and the
// build writes them to layout.gen.ts, so that no offset and no number is typed twice.
import type { Program } from 'assemblyscript'

/** What is read of a compiled class; the compiler's declarations say no more than Element. */
interface CompiledClass {
  nextMemoryOffset: number
  members: Map<string, { instance?: { memoryOffset: number; type: { toString(): string } } | null }> | null
}

/** What is read of a compiled enum: values that are written as whole numbers, or follow the one before. */
interface CompiledEnum {
  members: Map<string, { valueNode: { value?: { low: number } } | null }>
}

/** Names and what stands behind each, in order. */
type Entries<Value> = [name: string, Value][]

/** What the host is told of a module, as plain data. */
export interface ModuleLayouts {
  /** Offset of every field, by struct and field; the field `SIZE` is the struct's size. */
  readonly structs: Entries<Entries<number>>
  /** Type of every field of the structs that the host reads whole, those whose names end in Record. */
  readonly types: Entries<Entries<string>>
  /** Value of every name, by enum. */
  readonly enums: Entries<Entries<number>>
  /** The same as `structs` of every struct of the module, by its path, also those that the host does not read. */
  readonly all: Entries<Entries<number>>
}

/** Collects the layouts of structs, and the values of enums, while asc compiles. */
export class StructLayouts implements ModuleLayouts {
  structs: Entries<Entries<number>> = []
  types: Entries<Entries<string>> = []
  enums: Entries<Entries<number>> = []
  all: Entries<Entries<number>> = []
  readonly #wanted: ReadonlySet<string>
  readonly #wantedEnums: ReadonlySet<string>
  #program: Program | undefined

  /** Collects the classes and enums with these internal names, such as `assembly/replay/Replay`. */
  constructor(wanted: Iterable<string>, enums: Iterable<string> = []) {
    this.#wanted = new Set(wanted)
    this.#wantedEnums = new Set(enums)
  }

  /** Called by asc once declarations are known. */
  afterInitialize(program: Program): void {
    this.#program = program
  }

  /** Called by asc when layouts are resolved. */
  afterCompile(): void {
    this.structs = []
    this.types = []
    this.enums = []
    for (const path of this.#wanted) {
      const element = this.#program?.instancesByName.get(path) as CompiledClass | undefined
      if (!element) throw new Error(`${path}: not a struct of the core, or unused`)
      const name = path.replace(/^.*\//, '')
      this.structs.push([name, fieldOffsets(element)])
      if (name.endsWith('Record')) this.types.push([name, fieldTypes(element)])
    }
    const classes = [...(this.#program?.instancesByName ?? [])].filter(
      ([path, element]) => path.startsWith('assembly/') && isClass(element),
    )
    this.all = classes.map(([path, element]): Entries<Entries<number>>[0] => [path, fieldOffsets(element as unknown as CompiledClass)])
    for (const path of this.#wantedEnums) {
      const element = this.#program?.elementsByName.get(path) as CompiledEnum | undefined
      if (!element) throw new Error(`${path}: not an enum of the core`)
      this.enums.push([path.replace(/^.*\//, ''), enumValues(element)])
    }
  }
}

function isClass(element: object): boolean {
  return 'nextMemoryOffset' in element
}

function fieldOffsets({ nextMemoryOffset, members }: CompiledClass): Entries<number> {
  const offsets: Entries<number> = [['SIZE', nextMemoryOffset]]
  for (const [field, { instance }] of members ?? []) {
    if (instance && instance.memoryOffset >= 0) offsets.push([field, instance.memoryOffset])
  }
  return offsets
}

function fieldTypes({ members }: CompiledClass): Entries<string> {
  return [...(members ?? [])].flatMap(([field, { instance }]) => (instance ? [[field, String(instance.type)]] : []))
}

function enumValues({ members }: CompiledEnum): Entries<number> {
  let next = 0
  const values: Entries<number> = []
  for (const [name, { valueNode }] of members) {
    if (valueNode?.value) next = valueNode.value.low
    values.push([name, next++])
  }
  return values
}

/** The source of layout.gen.ts. */
export function renderLayouts(modules: readonly ModuleLayouts[]): string {
  const lines = ["// GENERATED from the core's struct classes by the build; do not edit. Offsets and sizes in bytes."]
  for (const [name, fields] of modules.flatMap(({ structs }) => structs)) {
    lines.push('', `/** Field offsets of the core's struct ${name}. */`, `export const ${name}Layout = {`)
    for (const [field, offset] of fields) lines.push(`  ${field}: ${offset},`)
    lines.push('} as const')
  }
  for (const [name, types] of modules.flatMap(({ types }) => types)) {
    lines.push('', `/** Types of the core's struct ${name}. */`, `export const ${name}Types = {`)
    for (const [field, type] of types) lines.push(`  ${field}: '${type}',`)
    lines.push('} as const')
  }
  for (const [name, values] of modules.flatMap(({ enums }) => enums)) {
    lines.push('', `/** Values of the core's enum ${name}. */`, `export const ${name} = {`)
    for (const [value, number] of values) lines.push(`  ${value}: ${number},`)
    lines.push('} as const')
  }
  return `${lines.join('\n')}\n`
}
