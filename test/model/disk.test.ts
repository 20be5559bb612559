import { constants as C, type Machine } from 'faultline'
import { expect, it } from 'vitest'
import { ModelDiskFile, type ModelFile, type ModelMapping, PAGE } from './fileModel.ts'
import { Files, type Pair } from './fileTwin.ts'
import { walk } from './random.ts'

const STEPS = 400
const NAMES = ['/mnt/a', '/mnt/b']

/** Files on a disk, in less memory than they need. */
class DiskFiles extends Files {
  protected override newFile(): ModelFile {
    return new ModelDiskFile()
  }

  protected override open(): number[] {
    return NAMES.map(name => this.machine.init.open(name, C.O_RDWR | C.O_CREAT, 0o600))
  }

  protected override unlink(): void {
    for (const name of NAMES) this.machine.init.unlink(name)
  }

  protected override get others(): ((pair: Pair, file: ModelFile, fd: number) => void)[] {
    return [this.sync, this.drop, this.ahead, this.pageOut]
  }

  /** What is stored behind the end is there until the page is written back. */
  protected override room({ file, first }: ModelMapping, page: number): number {
    const left = file.size - (first + page) * PAGE
    return left <= 4 ? 4 : Math.min(PAGE, left & ~3)
  }

  override store(pair: Pair): void {
    const ends = [...pair.model.values()].some(({ file }) => file.size % PAGE !== 0 && file.size % PAGE < 4)
    if (!ends) super.store(pair)
  }

  override seek(pair: Pair, file: ModelFile, fd: number): void {
    if (!(file as ModelDiskFile).isVague) super.seek(pair, file, fd)
  }

  override finish(): void {
    const { pgpgin, pgpgout, pgsteal_file } = this.machine.vmstat
    expect(Math.min(pgpgin, pgpgout, pgsteal_file)).toBeGreaterThan(20)
    super.finish()
  }

  sync({ real }: Pair, _file: ModelFile, fd: number): void {
    if (this.next(2)) real.fsync(fd)
    else real.sync()
  }

  drop({ real }: Pair, _file: ModelFile, fd: number): void {
    real.posix_fadvise(fd, 0, 0, C.POSIX_FADV_DONTNEED)
  }

  ahead({ real }: Pair, _file: ModelFile, fd: number): void {
    real.posix_fadvise(fd, this.next(4) * PAGE, 4 * PAGE, C.POSIX_FADV_WILLNEED)
  }

  pageOut({ real, model }: Pair): void {
    for (const { at, pages } of model.values()) real.madvise(at, pages * PAGE, C.MADV_PAGEOUT)
  }
}

/** Puts init, whose children follow, into a group of a few pages. */
function prepare(machine: Machine): void {
  machine.mount('/mnt', { type: 'disk', size: '1MiB' })
  machine.swapon({ size: '2MiB' })
  machine.cgroup('few', { memoryMax: 6 * PAGE }).assign(machine.init)
}

it.each([1, 2])('files on a disk do what the model does, in memory for six pages, with balanced books after each step, seed %i', seed =>
  walk(seed, STEPS, (machine, next) => new DiskFiles(machine, next), prepare),
)
