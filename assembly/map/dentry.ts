// Names of inodes: a dentry is an inode's name in a directory, itself a dentry; the names in a directory
// stand in its list, the newest first. A dentry outlives its name while an open file shows it: so
// /proc/PID/maps says "(deleted)". What names there are, and the lock of names: fs/names.
// Takes: what putInode takes.
import { NAME_MAX } from '../abi/fcntl'
import { Link } from '../lib/list'
import { allocObject, freeObject, Kind } from '../phys/slab'
import { Inode, putInode } from './inode'
import { Mount } from './mount'

/** Bytes of a name that stand in the dentry itself; a longer one has an object of its own. */
const INLINE: u32 = 48

/** Bytes of the object of a long name. */
export const LONG_NAME: u32 = NAME_MAX + 1

/** A name. Guard, where a field says no other: Names. Its links are its neighbours in the directory. */
@unmanaged
@final
export class Dentry extends Link {
  /** Who holds it: its directory, while it is a name there; open files; names in it; a mount. Guard: atomic. */
  refs: u32
  /** The directory; null at the root of a mount, and for memfds. Holds a reference. Guard: Names to write, while it is a name. */
  parent: Dentry | null
  /** What it names; holds a reference. Guard: immutable. */
  inode: Inode
  /** Whether it is a name in its directory. */
  named: bool
  /** Bytes of the name, and their address. Guard: Names; immutable unless it is a name. */
  length: u32
  name: usize
  hash: u32
  /** The next name with the same end of the hash. */
  nextByHash: Dentry | null
  /** The names in it, if it is a directory. */
  childrenPrev: Link
  childrenNext: Link
  /** What is mounted on it. Guard: Names to write, while the machine is stopped. */
  mounted: Mount | null
  /** References that validate() counts. */
  tally: u32

  @inline
  static get size(): u32 {
    return offsetof<Dentry>() + INLINE
  }

  @inline
  get children(): Link {
    return changetype<Link>(changetype<usize>(this) + offsetof<Dentry>('childrenPrev'))
  }

  /** Where a short name stands. */
  @inline
  get inlined(): usize {
    return changetype<usize>(this) + offsetof<Dentry>()
  }

  /** Whether the name is that of `length` bytes. */
  isCalled(name: usize, length: u32): bool {
    return this.length === length && memory.compare(this.name, name, length) === 0
  }

  /** Gets hold of the dentry. */
  @inline
  addRef(): void {
    atomic.add<u32>(changetype<usize>(this), 1, offsetof<Dentry>('refs'))
  }
}

/** A dentry with one reference that is no name yet, and takes over the caller's reference to the inode; null, and the caller keeps it, if there is no memory. */
export function newDentry(parent: Dentry | null, inode: Inode, name: usize, length: u32): Dentry | null {
  const dentry = changetype<Dentry>(allocObject(Kind.Dentry))
  if (!dentry) return null
  dentry.name = length <= INLINE ? dentry.inlined : allocObject(Kind.Name)
  if (dentry.name === 0) {
    freeObject(Kind.Dentry, changetype<usize>(dentry))
    return null
  }
  memory.copy(dentry.name, name, length)
  dentry.length = length
  dentry.refs = 1
  dentry.inode = inode
  dentry.parent = parent
  if (parent) parent.addRef()
  dentry.children.reset()
  return dentry
}

/** Gives each of two dentries, which are no names now, the name and the directory of the other. Holds: Names. */
export function swapNames(a: Dentry, b: Dentry): void {
  const length = a.length
  const name = a.name
  const parent = a.parent
  const short = a.inlined
  for (let i: usize = 0; i < INLINE; i += 8) {
    const word = load<u64>(short + i)
    store<u64>(short + i, load<u64>(b.inlined + i))
    store<u64>(b.inlined + i, word)
  }
  a.length = b.length
  a.name = b.name === b.inlined ? short : b.name
  a.parent = b.parent
  b.length = length
  b.name = name === short ? b.inlined : name
  b.parent = parent
}

/** Lets go of a dentry; the last one, after its name is gone, lets go of its inode and its directory. Takes: Mapping, Mount. */
export function putDentry(dentry: Dentry): void {
  let last: Dentry | null = dentry
  while (last && atomic.sub<u32>(changetype<usize>(last), 1, offsetof<Dentry>('refs')) === 1) {
    const parent = last.parent
    putInode(last.inode)
    if (last.length > INLINE) freeObject(Kind.Name, last.name)
    freeObject(Kind.Dentry, changetype<usize>(last))
    last = parent
  }
}
