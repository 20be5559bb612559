// Exhausted memory: programs of random calls on small machines, whose tables are eaten by reads 1 GiB apart and whose
// frames by files without a name. A call may fail in its own ways, but it leaves the books balanced, and when all that
// the program made is gone, as many frames are free as before.
import { boot, constants as C, FaultError, type Machine, type Process, SysError } from 'faultline'
import { Random } from '../linux/random.js'

const PAGE = 4096
const GIB = 2 ** 30
const RW = C.PROT_READ | C.PROT_WRITE
const PRIVATE = C.MAP_PRIVATE | C.MAP_ANONYMOUS
const SHARED = C.MAP_SHARED | C.MAP_ANONYMOUS
/** Where reads eat tables. */
const HOG = 0x600000000000
const MOST_PROCESSES = 6
const NAMES = ['/a', '/b', '/c']
/** Longer than what stands in a dentry itself. */
const LONG_NAME = `/${'long'.repeat(20)}`
const DIRECTORIES = ['/dev/shm/d', '/dev/shm/e']
const ADVICE = [0, 4, 8, 9, 10, 11, 14, 16, 17, 18, 19, 22, 23]

/** What is called, by name, and how often among the others. */
const CALLS: Readonly<Record<string, [weight: number, call: (program: Program, process: Process) => unknown]>> = {
  eatFrames: [1, ({ machine }) => eatFrames(machine.init)],
  eatTables: [1, program => program.eatTables()],
  giveTables: [1, program => program.machine.init.munmap(HOG + program.below(64) * GIB, GIB * (1 + program.below(4)))],
  closeAll: [1, (_, process) => closeAll(process, 80)],
  mmap: [
    4,
    (program, process) => {
      const rights = program.pick([0, C.PROT_READ, RW, RW, RW])
      const extra = program.pick([0, C.MAP_FIXED, C.MAP_FIXED, C.MAP_POPULATE, C.MAP_FIXED | C.MAP_POPULATE, C.MAP_FIXED | C.MAP_GROWSDOWN])
      return process.mmap(program.address(), program.length(), rights, program.pick([PRIVATE, PRIVATE, SHARED]) | extra)
    },
  ],
  mapFile: [
    1,
    (program, process) => {
      const flags = program.pick([C.MAP_PRIVATE, C.MAP_SHARED]) | program.pick([C.MAP_FIXED, C.MAP_FIXED | C.MAP_POPULATE])
      return process.mmap(program.address(), program.length(), RW, flags, program.fd(), program.below(4) * PAGE)
    },
  ],
  munmap: [1, (program, process) => process.munmap(program.address(), program.length())],
  mprotect: [1, (program, process) => process.mprotect(program.address(), program.length(), program.pick([0, C.PROT_READ, RW]))],
  mremap: [
    2,
    (program, process) => {
      const old = program.oneIn(6) ? 0 : program.length()
      const size = program.pick([old, program.length()])
      return process.mremap(program.address(), old, size, program.pick([0, 1, 1, 3, 3, 3, 5, 7]), program.address())
    },
  ],
  store: [4, (program, process) => process.store32(program.address() + program.pick([0, 4092, 4094]), program.below(2 ** 32))],
  load: [1, (program, process) => process.load32(program.address())],
  shmget: [1, (program, process) => process.shmget(program.below(3), program.length(), C.IPC_CREAT | 0o666)],
  shmat: [
    1,
    (program, process) => {
      const { id } = process.shmctl(program.below(4), C.SHM_STAT)
      return process.shmat(id, program.pick([0, program.address()]), program.pick([0, C.SHM_REMAP, C.SHM_RDONLY]))
    },
  ],
  shmdt: [1, (program, process) => process.shmdt(program.address())],
  remove: [1, (program, process) => process.shmctl(process.shmctl(program.below(4), C.SHM_STAT).id, C.IPC_RMID)],
  open: [
    1,
    (program, process) => {
      const flags = C.O_RDWR | program.pick([C.O_CREAT, C.O_CREAT, C.O_CREAT | C.O_TRUNC, 0, C.O_CREAT | C.O_EXCL])
      if (program.oneIn(5)) return process.open('/dev/shm', C.O_TMPFILE | C.O_RDWR, 0o600)
      return process.shm_open(program.pick(NAMES), flags, 0o666)
    },
  ],
  unlink: [1, (program, process) => process.shm_unlink(program.pick(NAMES))],
  mkdir: [1, (program, process) => process.mkdir(program.pick(DIRECTORIES))],
  rmdir: [1, (program, process) => process.rmdir(program.pick(DIRECTORIES))],
  link: [1, (program, process) => process.link(`/dev/shm${program.pick(NAMES)}`, `${program.pick(DIRECTORIES)}${program.pick(NAMES)}`)],
  rename: [
    2,
    (program, process) => {
      const paths = [0, 1].map(() => `${program.pick(['/dev/shm', ...DIRECTORIES])}${program.pick([...NAMES, LONG_NAME])}`)
      return process.rename(paths[0] as string, paths[1] as string, program.pick([0, 0, C.RENAME_NOREPLACE, C.RENAME_EXCHANGE]))
    },
  ],
  memfd: [1, (_, process) => process.memfd_create('m', C.MFD_ALLOW_SEALING)],
  dup: [1, (program, process) => process.dup(program.fd())],
  dup2: [1, (program, process) => process.dup2(program.fd(), program.below(200))],
  dupFrom: [1, (program, process) => process.fcntl(program.fd(), C.F_DUPFD, program.below(300))],
  pwrite: [
    1,
    (program, process) => {
      const offset = program.below(program.pick([8, 200, 1e5, 1e9])) * PAGE
      return process.pwrite(program.fd(), new Uint8Array(1 + program.below(3 * PAGE)), offset)
    },
  ],
  ftruncate: [1, (program, process) => process.ftruncate(program.fd(), program.below(9 * PAGE))],
  fallocate: [
    1,
    (program, process) => process.fallocate(program.fd(), program.pick([0, 1, 3]), program.below(20) * PAGE, program.length()),
  ],
  fork: [1, (program, process) => program.fork(process)],
  exit: [1, (program, process) => program.exit(process)],
  unshare: [1, (_, process) => process.unshare(C.CLONE_NEWIPC)],
  madvise: [1, (program, process) => process.madvise(program.address(), program.length(), program.pick(ADVICE))],
  mlock: [1, (program, process) => process.mlock(program.address(), program.length())],
  munlock: [1, (program, process) => process.munlock(program.address(), program.length())],
  mlockall: [1, (program, process) => process.mlockall(1 + program.below(5))],
  munlockall: [1, (_, process) => process.munlockall()],
  brk: [1, (program, process) => process.store8(process.brk(process.brk(0) + (program.below(20) - 8) * PAGE) - 1, 1)],
  overcommit: [1, program => program.machine.sysctl('vm.overcommit_memory', program.below(3))],
  maxMapCount: [1, program => program.machine.sysctl('vm.max_map_count', program.pick([5, 10, 65530]))],
}

const DRAWN = Object.entries(CALLS).flatMap(([name, [weight]]) => Array<string>(weight).fill(name))

/** Makes a file without a name until there is no memory. */
function eatFrames(process: Process): void {
  const fd = process.memfd_create('hog', 0)
  for (let page = 0; ; page++) process.pwrite(fd, Uint8Array.of(1), page * PAGE)
}

function closeAll(process: Process, end: number): void {
  for (let fd = 0; fd < end; fd++) attempt(() => process.close(fd))
}

/** What a call returns, or the code of the error with which it fails. */
function attempt<Result>(call: () => Result): Result | string {
  try {
    return call()
  } catch (error) {
    if (error instanceof SysError || error instanceof FaultError) return error.code
    throw error
  }
}

/** A program in the making. */
class Program extends Random {
  readonly machine: Machine
  readonly #processes: Process[]
  readonly #free: number
  #tables = 0

  private constructor(seed: number, machine: Machine) {
    super(seed)
    this.machine = machine
    this.#processes = [machine.init]
    this.#free = machine.freeFrames
  }

  static async start(seed: number): Promise<Program> {
    const random = new Random(seed)
    const contents = random.oneIn(2)
    const memory = random.pick(contents ? ['1MiB', '1536KiB', '2MiB'] : ['4MiB', '5MiB', '6MiB'])
    const machine = await boot({ memory, contents, cpus: 1, target: 'debug' })
    // nobody is killed, so that calls fail
    machine.init.oomScoreAdj(-1000)
    return new Program(seed, machine)
  }

  /** Where something may be mapped: mostly within one table, at times far from it. */
  address(): number {
    const far = this.oneIn(12) ? 2 ** 38 * this.below(2) + GIB * this.below(4) : 0
    return 0x10000000 + this.below(24) * PAGE + (this.oneIn(6) ? this.below(4) * 2 ** 21 : 0) + far
  }

  length(): number {
    return (1 + this.below(8)) * PAGE
  }

  fd(): number {
    return this.below(70)
  }

  /** Reads pages 1 GiB apart, each of which needs tables of its own. */
  eatTables(): void {
    const { init } = this.machine
    const flags = C.MAP_PRIVATE | C.MAP_ANONYMOUS | C.MAP_NORESERVE | C.MAP_FIXED_NOREPLACE
    attempt(() => init.mmap(HOG, 2 ** 42, C.PROT_READ, flags))
    for (let left = this.below(40); left > 0; left--) init.load8(HOG + (this.#tables++ % 4096) * GIB)
  }

  fork(process: Process): void {
    if (this.#processes.length < MOST_PROCESSES) this.#processes.push(process.fork())
  }

  exit(process: Process): void {
    if (process === this.machine.init) return
    process.exit(0)
    this.#processes.splice(this.#processes.indexOf(process), 1)
    for (const parent of this.#processes) attempt(() => parent.wait())
  }

  /** One call; returns how it is shown, and what it answered. */
  step(): string {
    const name = this.pick(DRAWN)
    const process = this.pick(this.#processes)
    const answer = attempt(() => CALLS[name]?.[1](this, process))
    this.machine.validate()
    return `${process.pid}: ${name} = ${String(answer)}`
  }

  /** Takes away all that was made. Throws an Error if that gives less than all memory back. */
  finish(): void {
    const { machine } = this
    const { init } = machine
    machine.sysctl('vm.overcommit_memory', 0)
    machine.sysctl('vm.max_map_count', 65530)
    init.munlockall()
    for (const process of this.#processes) if (process !== init) process.exit(0)
    while (typeof attempt(() => init.wait()) === 'object') {}
    closeAll(init, 400)
    for (const directory of [...DIRECTORIES, '/dev/shm']) {
      for (const name of [...NAMES, LONG_NAME]) attempt(() => init.unlink(`${directory}${name}`))
    }
    for (const directory of DIRECTORIES) attempt(() => init.rmdir(directory))
    init.munmap(0, 2 ** 47 - PAGE)
    for (let index = 0; index < 64; index++) attempt(() => init.shmctl(init.shmctl(index, C.SHM_STAT).id, C.IPC_RMID))
    machine.validate()
    if (machine.freeFrames !== this.#free) throw new Error(`${this.#free} frames were free, now ${machine.freeFrames}`)
  }
}

/** A program of so many calls. Returns what went wrong, and the calls before it, undefined if nothing did. */
export async function fuzzExhausted(seed: number, steps: number): Promise<string | undefined> {
  const calls: string[] = []
  try {
    const program = await Program.start(seed)
    for (let step = 0; step < steps; step++) calls.push(program.step())
    program.finish()
  } catch (error) {
    return `seed ${seed}, behind ${calls.length} calls: ${error}\n${calls.slice(-20).join('\n')}`
  }
  return undefined
}
