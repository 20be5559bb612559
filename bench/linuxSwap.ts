// Swap for the Linux underneath, in memory: a zram device of our own, which goes when the bench ends.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const ZRAM = '/sys/class/zram-control'
const PAGE_CLUSTER = '/proc/sys/vm/page-cluster'

/** A zram device that is Linux's only swap, and from which nothing is read ahead. */
export class LinuxSwap {
  readonly #undo: (() => void)[] = []

  /** Makes a device of so many bytes; a string that says why there is none. */
  static open(size: number): LinuxSwap | string {
    if (process.getuid?.() !== 0) return 'this is not root, which swap needs'
    if (!existsSync(ZRAM)) return 'the kernel has no zram'
    if (readFileSync('/proc/swaps', 'utf8').trim().includes('\n')) return 'there is swap already; zram has to be the only one'
    const swap = new LinuxSwap()
    try {
      swap.#turnOn(size)
      return swap
    } catch (error) {
      swap.close()
      return `zram cannot be used: ${(error as Error).message.split('\n', 1)[0]}`
    }
  }

  #turnOn(size: number): void {
    const number = Number(readFileSync(`${ZRAM}/hot_add`, 'utf8'))
    const [block, device] = [`/sys/block/zram${number}`, `/dev/zram${number}`]
    this.#undo.push(() => {
      writeFileSync(`${block}/reset`, '1')
      writeFileSync(`${ZRAM}/hot_remove`, `${number}`)
    })
    writeFileSync(`${block}/disksize`, `${size}`)
    execFileSync('mkswap', [device], { stdio: ['ignore', 'ignore', 'pipe'] })
    execFileSync('swapon', [device], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#undo.push(() => execFileSync('swapoff', [device]))
    const cluster = readFileSync(PAGE_CLUSTER, 'utf8')
    writeFileSync(PAGE_CLUSTER, '0')
    this.#undo.push(() => writeFileSync(PAGE_CLUSTER, cluster))
  }

  /** Undoes all that was changed. */
  close(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo()
  }
}
