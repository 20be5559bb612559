// The runtime of a core without managed objects: any allocation the compiler would emit
// (new, string, array, closure) is a compile error. State lives in linear memory, laid out by hand.

// @ts-expect-error: decorator
@global
function __alloc(size: usize): usize {
  ERROR('managed allocation in the core')
  return 0
}

// @ts-expect-error: decorator
@global
function __realloc(ptr: usize, size: usize): usize {
  ERROR('managed allocation in the core')
  return 0
}

// @ts-expect-error: decorator
@global
function __free(ptr: usize): void {
  ERROR('managed allocation in the core')
}

// @ts-expect-error: decorator
@global
function __new(size: usize, id: u32): usize {
  ERROR('managed object in the core')
  return 0
}

// @ts-expect-error: decorator
@global
function __renew(ptr: usize, size: usize): usize {
  ERROR('managed object in the core')
  return 0
}

// @ts-expect-error: decorator
@global
function __link(parent: usize, child: usize, expectMultiple: bool): void {
  ERROR('managed object in the core')
}

// @ts-expect-error: decorator
@global
function __collect(): void {
  ERROR('managed object in the core')
}

// @ts-expect-error: decorator
@global
function __visit(ptr: usize, cookie: u32): void {
  ERROR('managed object in the core')
}
