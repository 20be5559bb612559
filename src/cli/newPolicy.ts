import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { InputError, UsageError } from '../core/errors.js'
import { policies } from '../core/policies.js'

/** `faultline new-policy`: a starting point for a policy of one's own. */
export function newPolicyCommand(): Command {
  return new Command('new-policy')
    .description('write NAME.ts, a commented page replacement policy to start your own from')
    .argument('<name>', 'letters, digits and dashes, such as my-policy')
    .action(async (name: string) => {
      const file = `${name}.ts`
      await writeNewPolicy(file, name)
      process.stdout.write(`wrote ${file}; try it: faultline replay TRACE --policy lru,./${file}\n`)
    })
}

/**
 * Writes a starting point for the policy `name` to `path`.
 *
 * Throws a UsageError for a name that cannot be a policy's, and an InputError if the file is
 * there already or cannot be written.
 */
export async function writeNewPolicy(path: string, name: string): Promise<void> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i.test(name)) {
    throw new UsageError(`'${name}' cannot name a policy; use letters, digits and single dashes, such as my-policy`)
  }
  if (policies.some(policy => policy.name === name)) throw new UsageError(`'${name}' is a built-in policy; choose another name`)
  const pascal = name.replace(/(^|-)([a-z0-9])/gi, (_, _dash, letter: string) => letter.toUpperCase())
  const className = ['Link', 'Params', 'Policy'].includes(pascal) ? `My${pascal}` : pascal
  try {
    await writeFile(path, TEMPLATE.replaceAll('%NAME%', name).replaceAll('%CLASS%', className), { flag: 'wx' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new InputError(code === 'EEXIST' ? `${path}: is there already; nothing was written` : `${path}: cannot be written (${code})`)
  }
}

/** The starting point: first in, first out. */
const TEMPLATE = `// A page replacement policy, compiled to WebAssembly when faultline is told to run it:
//
//   faultline replay TRACE --policy lru,./%NAME%.ts
//
// The language is AssemblyScript: TypeScript's syntax with machine types (u8, u32, usize, f64,
// bool). There are no objects, arrays, strings or closures: all state is the fields below and the
// memory behind them, which starts as zeros. A failed assert(condition, 'why') stops the replay
// and says where. Besides the two modules imported here there are faultline/ghosts (remembering
// evicted pages) and faultline/rng (random numbers from this.seed).
//
// For an editor to understand it: npm i -D faultline assemblyscript, and a tsconfig.json with
//   { "extends": "assemblyscript/std/assembly.json", "compilerOptions": { "strictPropertyInitialization": false } }
import { Link } from 'faultline/list'
import { HEADER, Params, Policy } from 'faultline/policy'

/**
 * Evicts the page that came in first.
 *
 * The first sentence above is the policy's description. The tags describe it to the command line:
 * its name; what it sees of the references (every access, accessed bits, or the future); where it
 * is from. A parameter is set by --policy ./%NAME%.ts:second=yes; it is one of a few words, of
 * which the first is the default, or a number, written as: small 0.1 in 0..1: what it is;
 * without a decimal point among the three, it has to be whole.
 *
 * @policy %NAME%
 * @sees accessed bits
 * @param second no|yes: whether a page referenced since it came in gets a second chance
 * @paper none yet
 */
@unmanaged
@final
export class %CLASS% extends Policy {
  // Fields, at most HEADER bytes of them. These two are a list's sentinel, newest page first:
  // its tail is the page to evict next.
  tail: Link
  head: Link
  /** The parameter. */
  second: bool
  /** Address of one byte a slot: referenced since it came in. */
  referenced: usize

  /** Bytes needed for so many slots (page frames): the fields, then a link and a byte for each slot. */
  footprint(slots: u32, params: Params): usize {
    return HEADER + <usize>slots * (offsetof<Link>() + 1)
  }

  /** Called once, before all else; this.slots is set, and params.get(0) is the first parameter: a number, or a word's index. */
  init(params: Params): void {
    this.list.reset()
    this.second = params.get(0) !== 0
    this.referenced = changetype<usize>(this.node(this.slots))
  }

  /** The page in the slot is referenced again. (this.node(slot).moveToHead(this.list) would make this LRU.) */
  @inline
  access(slot: u32): void {
    store<u8>(this.referenced + slot, 1)
  }

  /** A page that was in no slot now stands in this one; the key is the page's number. */
  @inline
  insert(slot: u32, key: u32): void {
    store<u8>(this.referenced + slot, 0)
    this.node(slot).insertAfter(this.list)
  }

  /** Every slot is taken: chooses one, forgets it and returns it. */
  @inline
  evict(): u32 {
    while (true) {
      const oldest = this.tail
      const slot = this.slotOf(oldest)
      if (!this.second || !load<u8>(this.referenced + slot)) {
        oldest.unlink()
        return slot
      }
      store<u8>(this.referenced + slot, 0)
      oldest.moveToHead(this.list)
    }
  }

  /** The slot that evict just returned could not be evicted: takes it back. */
  putback(slot: u32, key: u32): void {
    this.node(slot).insertBefore(this.list)
  }

  /** The page in the slot went away. */
  remove(slot: u32): void {
    this.node(slot).unlink()
  }

  /** Traps on a broken invariant; so many slots are taken. */
  check(resident: u32): void {
    assert(this.list.checkedLength(this.slots) === resident, 'the list does not hold every page')
  }

  // Two more hooks may be defined here. miss(key: u32, shadow: u32): bool is called when a page
  // in no slot is referenced, before evict; if it returns false, the page is not taken in.
  // shadow(slot: u32): u32 is called after evict; the number it returns, below 2^30, is kept in
  // the evicted page's place and handed to miss when the page is referenced again.

  @inline
  private get list(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<%CLASS%>('tail'))
  }

  @inline
  private node(slot: u32): Link {
    return changetype<Link>(changetype<usize>(this) + HEADER + <usize>slot * offsetof<Link>())
  }

  @inline
  private slotOf(node: Link): u32 {
    return <u32>((changetype<usize>(node) - changetype<usize>(this) - HEADER) / offsetof<Link>())
  }
}
`
