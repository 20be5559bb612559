// An asc transform that makes the sched build: before every atomic operation, and before every plain access to a
// process's memory, the thread passes a *point*, where it asks its host whether it may go on. So no schedule
// point can be forgotten in the core, and the core's sources know nothing of them.
import type { Program } from 'assemblyscript'

/** One instruction that has a point before it. */
export interface Site {
  /** load, store, add … cmpxchg, notify; `read` and `write` if it is no atomic one. */
  op: string
  /** Added to the address that the point is told. */
  offset: number
  /** The function that it stands in, as `mm/fault/mapNew`. */
  where: string
}

/** A field of a struct: `name` at `offset`. */
export type Fields = ReadonlyMap<number, string>

/** What is used of Binaryen, whose declarations leave the setters out. */
interface Binaryen {
  i32: number
  createType(types: number[]): number
  getExpressionId(expression: number): number
  getExpressionInfo(expression: number): Expression
  getExpressionType(expression: number): number
  getFunctionInfo(ref: number): { name: string; module: string | null; body: number }
  setPassArgument(key: string, value: string): void
  /** Gives a function one more local variable; the index of it. */
  _BinaryenFunctionAddVar(ref: number, type: number): number
  [name: string]: unknown
}

/** An expression: numbers for its children, and what its kind has. */
type Expression = Record<string, unknown> & { id: number }

interface Module {
  addFunctionImport(name: string, module: string, base: string, parameters: number, result: number): void
  getNumFunctions(): number
  getFunctionByIndex(index: number): number
  call(name: string, operands: number[], type: number): number
  block(label: null, children: number[], type: number): number
  drop(value: number): number
  local: {
    get(index: number, type: number): number
    set(index: number, value: number): number
    tee(index: number, value: number, type: number): number
  }
  i32: { const(value: number): number }
}

/** Where expressions keep one child, and where they keep several. */
const CHILD =
  'value ptr condition ifTrue ifFalse body left right expected replacement notifyCount dest source size delta vec a b c shift target'.split(
    ' ',
  )
const CHILDREN = ['children', 'operands']

/** The operand that is evaluated last, by the kind of instruction: its setter's name and its place. */
const LAST: Readonly<Record<string, readonly [string, string]>> = {
  Store: ['Value', 'value'],
  AtomicRMW: ['Value', 'value'],
  AtomicCmpxchg: ['Replacement', 'replacement'],
}

/** Kinds of expressions that neither look at memory nor call anything, if their operands do not. */
const PURE = ['LocalGet', 'GlobalGet', 'Unary', 'Binary', 'Select']

/** The functions whose plain accesses are those of processes to their memory. */
const ACCESSES = /^(entry\/(access|atomic)|mm\/access)\//

/** The functions of the debug build's own checks, which are nobody's protocol. */
const CHECKS = /^sync\/lockdep\//

/** What the transform found. */
export interface Instrumentation {
  sites: Site[]
  /** Fields of the core's structs, by the struct's name. */
  structs: Map<string, Fields>
}

/** Makes the transform; it fills what it is given. With `fine`, every plain access has a point. */
export function instrumenter({ sites, structs }: Instrumentation, fine: boolean): object {
  return class {
    declare binaryen: Binaryen
    declare program: Program

    /** Called by asc when all is compiled, before it is optimised. */
    afterCompile(module: Module): void {
      const { binaryen } = this
      collectStructs(this.program, structs)
      module.addFunctionImport('point', 'host', 'point', binaryen.createType([binaryen.i32, binaryen.i32]), binaryen.i32)
      module.addFunctionImport('waking', 'host', 'waking', binaryen.i32, binaryen.i32)
      for (let index = 0; index < module.getNumFunctions(); index++) {
        const ref = module.getFunctionByIndex(index)
        const { name, module: from, body } = binaryen.getFunctionInfo(ref)
        if (from || !body) continue
        const where = name.replace(/^assembly\//, '')
        if (CHECKS.test(where)) continue
        new Instrumenter(binaryen, module, ref, sites, where, fine || ACCESSES.test(where)).visit(body)
      }
      binaryen.setPassArgument('asyncify-imports', 'host.point,host.wait')
    }
  }
}

/** Goes through one function. */
class Instrumenter {
  readonly #binaryen: Binaryen
  readonly #module: Module
  readonly #ref: number
  readonly #sites: Site[]
  readonly #where: string
  readonly #plain: boolean
  readonly #leaves: readonly unknown[]

  constructor(binaryen: Binaryen, module: Module, ref: number, sites: Site[], where: string, plain: boolean) {
    this.#binaryen = binaryen
    this.#module = module
    this.#ref = ref
    this.#sites = sites
    this.#where = where
    this.#plain = plain
    this.#leaves = [binaryen.ConstId, binaryen.UnreachableId, binaryen.NopId]
  }

  /** Puts points before what an expression and those within it do. */
  visit(at: number): void {
    const binaryen = this.#binaryen
    if (this.#leaves.includes(binaryen.getExpressionId(at))) return
    const expression = binaryen.getExpressionInfo(at)
    for (const name of CHILD) if (typeof expression[name] === 'number' && expression[name] !== 0) this.visit(expression[name])
    for (const name of CHILDREN) for (const child of (expression[name] as number[] | undefined) ?? []) this.visit(child)
    const { id } = expression
    if (id === binaryen.LoadId) this.#access(at, expression, 'Load', 'load', 'read')
    else if (id === binaryen.StoreId) this.#access(at, expression, 'Store', 'store', 'write')
    else if (id === binaryen.AtomicRMWId) this.#set(at, expression, 'AtomicRMW', this.#rmw(expression.op))
    else if (id === binaryen.AtomicCmpxchgId) this.#set(at, expression, 'AtomicCmpxchg', 'cmpxchg')
    else if (id === binaryen.AtomicNotifyId) this.#notify(at, expression)
    else if (id === binaryen.MemoryCopyId && this.#plain) this.#set(at, expression, 'MemoryCopy', 'copy', 'Source', 'source')
    else if (id === binaryen.MemoryFillId && this.#plain) this.#set(at, expression, 'MemoryFill', 'fill', 'Dest', 'dest')
  }

  #access(at: number, expression: Expression, kind: string, atomic: string, plain: string): void {
    if (expression.isAtomic || this.#plain) this.#set(at, expression, kind, expression.isAtomic ? atomic : plain)
  }

  #rmw(op: unknown): string {
    const names = ['Add', 'Sub', 'And', 'Or', 'Xor', 'Xchg']
    return (names.find(name => this.#binaryen[`AtomicRMW${name}`] === op) ?? 'rmw').toLowerCase()
  }

  /**
   * Puts a point before what an instruction does: between its address and the instruction if what is evaluated in between does
   * not matter, else behind its last operand.
   */
  #set(at: number, expression: Expression, kind: string, op: string, operand = 'Ptr', child = 'ptr'): void {
    this.#sites.push({ op, offset: (expression.offset as number | undefined) ?? 0, where: this.#where })
    const site = this.#sites.length - 1
    const address = expression[child] as number
    const [lastOperand, lastChild] = LAST[kind] ?? ['', '']
    const last = expression[lastChild] as number | undefined
    if (!last || this.#isPure(last)) {
      this.#operand(kind, operand, at, this.#point(address, site))
      return
    }
    const { binaryen, module } = { binaryen: this.#binaryen, module: this.#module }
    const type = binaryen.getExpressionType(last)
    const [where, value] = [binaryen._BinaryenFunctionAddVar(this.#ref, binaryen.i32), binaryen._BinaryenFunctionAddVar(this.#ref, type)]
    this.#operand(kind, operand, at, module.local.tee(where, address, binaryen.i32))
    const point = module.drop(this.#point(module.local.get(where, binaryen.i32), site))
    this.#operand(kind, lastOperand, at, module.block(null, [module.local.set(value, last), point, module.local.get(value, type)], type))
  }

  #point(address: number, site: number): number {
    return this.#module.call('point', [address, this.#module.i32.const(site)], this.#binaryen.i32)
  }

  /** Whether an expression neither looks at memory nor calls anything. */
  #isPure(at: number): boolean {
    const binaryen = this.#binaryen
    const id = binaryen.getExpressionId(at)
    if (this.#leaves.includes(id)) return true
    if (!PURE.some(name => binaryen[`${name}Id`] === id)) return false
    const expression = binaryen.getExpressionInfo(at)
    return CHILD.every(name => typeof expression[name] !== 'number' || expression[name] === 0 || this.#isPure(expression[name]))
  }

  /** A notify tells how many it wakes, too, right before it does. */
  #notify(at: number, expression: Expression): void {
    this.#set(at, expression, 'AtomicNotify', 'notify')
    const count = this.#module.call('waking', [expression.notifyCount as number], this.#binaryen.i32)
    this.#operand('AtomicNotify', 'NotifyCount', at, count)
  }

  #operand(kind: string, operand: string, at: number, value: number): void {
    const setters = this.#binaryen[kind] as Record<string, (expression: number, value: number) => void>
    setters[`set${operand}`]?.(at, value)
  }
}

/** Collects the fields of all structs of the core. */
function collectStructs(program: Program, structs: Map<string, Fields>): void {
  type Class = { members?: Map<string, { instance?: { memoryOffset?: number } }> | null }
  for (const [path, element] of program.instancesByName) {
    const { members } = element as unknown as Class
    if (!path.startsWith('assembly/') || !members) continue
    const fields = [...members].flatMap(([name, { instance }]): [number, string][] => {
      const offset = instance?.memoryOffset
      return offset === undefined || offset < 0 ? [] : [[offset, name]]
    })
    if (fields.length > 0) structs.set(path.replace(/^.*\//, ''), new Map(fields))
  }
}
