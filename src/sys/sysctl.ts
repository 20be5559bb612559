// The machine's settings by the names they have under /proc/sys.
import { SysError } from '../abi/errors.js'
import * as numbers from '../abi/sysctl.gen.js'
import type { Kernel } from '../core/kernel.js'
import { whole } from './arguments.js'

/** The name of a constant's setting: VM_MAX_MAP_COUNT is vm.max_map_count. One has a name of its own, and some stand a folder deeper. */
type NameOf<Constant extends string> = Constant extends 'VM_PAGE_CLUSTER'
  ? 'vm.page-cluster'
  : Constant extends `FS_MQUEUE_${infer File}`
    ? `fs.mqueue.${Lowercase<File>}`
    : Constant extends `${infer Folder}_${infer File}`
      ? `${Lowercase<Folder>}.${Lowercase<File>}`
      : never

/** The settings of a machine, with the meaning they have in Linux. */
export type SysctlName = NameOf<keyof typeof numbers>

const SETTINGS: ReadonlyMap<string, number> = new Map(
  Object.entries(numbers).map(([constant, number]) => [
    constant.toLowerCase().replace('_', '.').replace('page_cluster', 'page-cluster').replace('mqueue_', 'mqueue.'),
    number,
  ]),
)

/** Whether a setting has this name. */
export function isSetting(name: string): name is SysctlName {
  return SETTINGS.has(name)
}

function settingOf(name: string): number {
  const setting = SETTINGS.get(name)
  if (setting === undefined) throw new TypeError(`no setting is called ${String(name)}; there are ${[...SETTINGS.keys()].join(', ')}`)
  return setting
}

/** The value of a setting: of those with several numbers an array. */
export type SysctlValue<Name extends SysctlName> = Name extends 'kernel.sem' ? readonly number[] : number

/** How many numbers a setting has, if more than one. */
const LENGTHS: ReadonlyMap<string, number> = new Map([['kernel.sem', 4]])

/** The value of a setting, after changing it to `value` if that is given: the first numbers of several, if it has fewer. */
export function sysctl<Name extends SysctlName>(kernel: Kernel, name: Name, value?: SysctlValue<Name>): SysctlValue<Name> {
  const length = LENGTHS.get(name)
  if (length === undefined) return setOne(kernel, name, 0, value as number | undefined) as SysctlValue<Name>
  if (value !== undefined && !Array.isArray(value)) throw new TypeError(`${name} has ${length} numbers`)
  const values = (value ?? []) as readonly number[]
  for (const one of values) whole(one, name)
  return Array.from({ length }, (_, index) => setOne(kernel, name, index, values[index])) as readonly number[] as SysctlValue<Name>
}

/** One number of a setting, after changing it if a value is given. */
function setOne({ exports }: Kernel, name: SysctlName, index: number, value: number | undefined): number {
  const setting = settingOf(name) + index
  if (value !== undefined) {
    const result = exports.sysctl_set(setting, whole(value, name))
    if (result < 0) throw new SysError(-result, 'sysctl')
  }
  return exports.sysctl_get(setting)
}
