// Compiles the core's modules with asc, in this process: the build does it for the built-in
// policies, the command line for a user's own.
import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import asc from 'assemblyscript/asc'
import { diskPath, PACKAGE_ROOT } from './paths.js'
import { describePolicy, type PolicyInfo } from './policyInfo.js'

/**
 * Which variant of a module: `release` contains no assertions, `debug` checks them, and `checked`
 * checks them at full optimisation, for code that is not ours.
 */
export type Target = 'release' | 'debug' | 'checked'

/** A policy and the module, relative to assembly/, that its class is imported from. */
export interface PolicySource extends PolicyInfo {
  module: string
}

/** One complaint of the compiler. */
export interface Diagnostic {
  message: string
  /** The source's path from the package's root; undefined if the complaint is about no place. */
  file?: string
  /** The source as the compiler saw it. */
  text?: string
  /** Where in the text it begins. */
  offset?: number
}

/** A module asc could not compile; the message holds the compiler's own report. */
export class CompileError extends Error {
  override readonly name = 'CompileError'

  // Private, lest the sources in it be printed with an uncaught error.
  readonly #diagnostics: readonly Diagnostic[]

  constructor(message: string, diagnostics: readonly Diagnostic[]) {
    super(message)
    this.#diagnostics = diagnostics
  }

  /** The complaints one by one. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics
  }
}

/** The built-in policies, in the order of the registry. */
export async function builtinPolicies(): Promise<PolicySource[]> {
  const registry = await readFile(`${PACKAGE_ROOT}assembly/policy/registry.ts`, 'utf8')
  const lines = registry.matchAll(/^export \{ (\w+) \} from '\.\/(\w+)'$/gm)
  return Promise.all(
    [...lines].map(async ([, className, file]) => {
      const path = `assembly/policy/${file}.ts`
      const info = describePolicy(await readFile(PACKAGE_ROOT + path, 'utf8'), path)
      if (info.className !== className) throw new Error(`${path}: the registry says ${className}, the file says ${info.className}`)
      return { ...info, module: `./policy/${file}` }
    }),
  )
}

/** Source of the replay module's entry file: the exports that choose a policy's loop by its number. */
export function replayEntry(policies: readonly PolicySource[]): string {
  const choose = (name: string, parameters: string, result: string, args: string): string =>
    [
      `export function ${name}(policy: u32${parameters}): ${result} {`,
      '  switch (policy) {',
      ...policies.map((_, i) => `    case ${i}: return engine.${name}<Policy${i}>(${args})`),
      '  }',
      '  unreachable()',
      ...(result === 'void' ? [] : ['  return 0']),
      '}',
    ].join('\n')
  return [
    "import * as engine from './replay'",
    "export { BATCH, CONTROL, FUTURE, PARAMS, REFERENCES } from './replay'",
    ...policies.map(({ className, module }, i) => `import { ${className} as Policy${i} } from '${module}'`),
    choose('footprint', ', slots: u32, pages: u32', 'f64', 'slots, pages'),
    choose('wantsIds', '', 'bool', ''),
    choose('init', ', slots: u32, pages: u32, seed: u32, withIds: bool', 'void', 'slots, pages, seed, withIds'),
    choose('run', ', count: u32', 'void', 'count'),
    choose('remove', ', page: u32', 'void', 'page'),
    choose('check', '', 'void', ''),
    '',
  ].join('\n')
}

/** Source of the switches by which the machine calls the policy that it was booted with; those that see the future are left out. */
export function policySwitches(policies: readonly PolicySource[]): string {
  const able = policies.map((policy, i) => ({ ...policy, i })).filter(({ sees }) => sees !== 'the future')
  const choose = (name: string, engine: string, parameters: string, result: string, policy: string, args: string): string =>
    [
      '',
      `export function ${name}(${parameters}): ${result} {`,
      `  switch (${policy}) {`,
      ...able.map(({ i }) => `    case ${i}:\n      return engine.${engine}<Policy${i}>(${args})`),
      '  }',
      '  unreachable()',
      ...(result === 'void' ? [] : ['  return 0']),
      '}',
    ].join('\n')
  const own = 'Superblock.only.policy - 1'
  return [
    '// GENERATED from assembly/policy/registry.ts by the build; do not edit.',
    ...able.map(({ className, module, i }) => `import { ${className} as Policy${i} } from '.${module}'`),
    "import { Frame } from './frame'",
    "import * as engine from './slots'",
    "import { Superblock } from './superblock'",
    choose('footprintOf', 'footprint', 'policy: u32, slots: u32', 'usize', 'policy', 'slots'),
    choose('startPolicy', 'start', '', 'void', own, ''),
    choose('arrivePage', 'arriveLocked', 'frame: Frame, shadow: u32', 'void', own, 'frame, shadow'),
    choose('accessPage', 'accessLocked', 'frame: Frame', 'void', own, 'frame'),
    choose('leavePage', 'leaveLocked', 'frame: Frame', 'void', own, 'frame'),
    choose('checkPolicy', 'check', '', 'void', own, ''),
    '',
  ].join('\n')
}

/**
 * The modules that have an entry file of their own, `assembly/NAME.ts`, with the structs and enums the host
 * reads, by file and name. A module with `sharedMemory` imports a shared memory: its views outlive growth.
 */
export const PLAIN_MODULES: readonly {
  name: string
  structs: readonly string[]
  enums?: readonly string[]
  sharedMemory?: boolean
}[] = [
  { name: 'ids', structs: ['ids/IdMap'], sharedMemory: true },
  {
    name: 'kernel',
    structs: [
      'phys/superblock/Superblock',
      'phys/slots/Slots',
      'policy/policy/Params',
      'phys/zone/Zone',
      'phys/pcp/PerCpuFrames',
      'sync/cpu/Cpu',
      'phys/trace/TraceEvent',
      'mm/reference/RunCounts',
      'call/futex/RequeueOrder',
      'call/file/FileStat',
      'call/rlimit/RlimitReport',
      'call/mount/DiskOrder',
      'ipc/stat/PermReport',
      'call/shm/ShmStat',
      'call/shm/ShmUsage',
      'call/shm/ShmLimits',
      'call/sem/SemStat',
      'call/sem/SemLimits',
      'call/mqueue/MqAttributes',
      'call/msg/MsgStat',
      'call/msg/MsgLimits',
      'ipc/semaphore/SemOperation',
      'ipc/waiter/Waiter',
      'call/identity/IdentityReport',
      'reclaim/oom/OomKill',
      'phys/group/Group',
      'call/group/GroupPages',
      'phys/generations/Generations',
      'proc/task/Tasks',
      'debug/report/Finding',
      'debug/records/ProcessRecord',
      'debug/records/ThreadRecord',
      'debug/records/VmaRecord',
      'debug/records/PageRecord',
      'debug/records/DescriptorRecord',
      'debug/records/FileRecord',
      'debug/records/MountRecord',
      'debug/records/InodeRecord',
      'debug/records/ObjectPageRecord',
      'debug/records/ObjectVmaRecord',
      'debug/records/FrameRecord',
      'debug/records/SegmentRecord',
      'debug/records/SemSetRecord',
      'debug/records/SemRecord',
      'debug/records/MsgQueueRecord',
      'debug/records/UsageRecord',
      'phys/slab/Cache',
      'map/swapArea/SwapArea',
      'map/swapArea/Cluster',
      'map/swapArea/Slot',
      'map/mount/Mount',
    ],
    enums: ['sync/lockdep/Rank', 'phys/frame/State', 'map/inode/Use', 'map/mount/MountIndex', 'phys/slab/Kind', 'phys/zone/Kswapd'],
    sharedMemory: true,
  },
  { name: 'xxh64', structs: [] },
  { name: 'mrc', structs: ['mrc/Mrc', 'mrc/Event'] },
  { name: 'sample', structs: [] },
]

/** What to compile: files that stand in for, or beside, those on disk, by their path from the package's root. */
export interface CompileOptions {
  /** The entry file, relative to the package's root. */
  entry: string
  target: Target
  /** Whether the imported memory is a shared one. */
  sharedMemory?: boolean
  sources?: ReadonlyMap<string, string>
  /** asc transforms: objects with its hooks as methods, or classes of such. */
  transforms?: object[]
  /** Called with each file that asc asks for, and its text; null if there is no such file. */
  onRead?: (file: string, text: string | null) => void
  /** Binaryen passes to run last. */
  passes?: readonly string[]
  /** How far to optimise, 0 to 3, instead of as far as the target does. */
  optimizeLevel?: number
}

/** asc's category of errors; those below are warnings and remarks. */
const ERROR = 3

/**
 * Compiles one module and returns its bytes, and its source map in the debug and checked targets.
 * Sources outside the package name its modules as `faultline/policy` (the contract) and
 * `faultline/NAME` (assembly/lib/NAME.ts).
 *
 * Throws a CompileError with the compiler's diagnostics.
 */
export async function compile(options: CompileOptions): Promise<Map<string, Uint8Array>> {
  const { entry, target, sharedMemory = false, sources = new Map(), transforms = [], onRead, passes = [], optimizeLevel } = options
  const outputs = new Map<string, Uint8Array>()
  const texts = new Map<string, string>()
  const diagnostics: Diagnostic[] = []
  const name = entry.replace(/^.*\//, '').replace(/\.ts$/, '.wasm')
  const stderr = asc.createMemoryStream()
  const shared = sharedMemory ? ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'] : []
  const how = [
    ...(passes.length > 0 ? ['--runPasses', passes.join(',')] : []),
    ...(optimizeLevel === undefined ? [] : ['--optimizeLevel', String(optimizeLevel)]),
  ]
  const argv = [entry, '--config', 'asconfig.json', '--target', target, '--outFile', name, '--baseDir', PACKAGE_ROOT, ...shared, ...how]
  const { error } = await asc.main(argv, {
    stderr,
    stdout: asc.createMemoryStream(),
    readFile: async file => {
      const text = sources.get(file) ?? (await readFile(diskPath(file), 'utf8').catch(() => null))
      onRead?.(file, text)
      if (text === null) return null
      texts.set(file, resolveOwn(text, file))
      return texts.get(file) ?? null
    },
    writeFile: (file, contents) => void outputs.set(file, typeof contents === 'string' ? new TextEncoder().encode(contents) : contents),
    reportDiagnostic: ({ message, category, range }) => {
      if (category !== ERROR) return
      const file = range?.source?.normalizedPath
      const text = file === undefined ? undefined : texts.get(file)
      diagnostics.push({ message, ...(range && file !== undefined && text !== undefined && { file, text, offset: range.start }) })
    },
    transforms: transforms as NonNullable<asc.APIOptions['transforms']>,
  })
  if (error) throw new CompileError(stderr.toString().trim() || error.message, diagnostics)
  return outputs
}

/** Turns `from 'faultline/NAME'`, in a file outside the package, into a relative path on the same line. */
function resolveOwn(source: string, file: string): string {
  return source.replace(/(\bfrom\s*)(['"])faultline\/(\w+)\2/g, (_, from: string, quote: string, name: string) => {
    const module = name === 'policy' ? 'assembly/policy/policy' : `assembly/lib/${name}`
    return `${from}${quote}${posix.relative(`/${posix.dirname(file)}`, `/${module}`)}${quote}`
  })
}
