// Exports: memory control groups. The machine is stopped meanwhile, but for group_assign.
import { BUFFER_SIZE } from '../abi/layout'
import * as group from '../call/group'

/** Makes a group, whose name stands in the CPU's buffer. */
export function group_make(nameBytes: u32): i32 {
  return group.makeGroup(min(nameBytes, BUFFER_SIZE))
}

/** The number of a group, whose name stands in the CPU's buffer. */
export function group_find(nameBytes: u32): i32 {
  return group.findGroup(min(nameBytes, BUFFER_SIZE))
}

/** Sets the most pages that a group may have. */
export function group_limit(number: u32, pages: f64): i32 {
  return group.limitGroup(number, pages)
}

/** Sets the most slots of swap that a group's pages may take. */
export function group_limit_swap(number: u32, pages: f64): i32 {
  return group.limitSwap(number, pages)
}

/** Sets a group's swappiness; above 200, vm.swappiness. */
export function group_swappiness(number: u32, swappiness: u32): i32 {
  return group.setSwappiness(number, swappiness)
}

/** Puts a process in a group. */
export function group_assign(number: u32, pid: u32): i32 {
  return group.assignGroup(number, pid)
}

/** Removes a group. */
export function group_remove(number: u32): i32 {
  return group.removeGroup(number)
}

/** Leaves struct GroupPages in the CPU's buffer: how many pages of which kind a group has. */
export function group_pages(number: u32): i32 {
  return group.countPages(number)
}
