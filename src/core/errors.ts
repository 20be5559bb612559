/** The caller asked for something that makes no sense: the command line exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** An input that cannot be read or is broken: the command line exits with 1. */
export class InputError extends Error {
  override readonly name = 'InputError'
}
