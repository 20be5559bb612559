// Functions of real numbers without the tables of the standard library's, which would become
// data segments of the module.

/** e to the power of x, for x at most 0. */
export function expOf(x: f64): f64 {
  if (x < -700) return 0
  let halvings = 0
  while (x < -0.5) {
    x /= 2
    halvings++
  }
  let term: f64 = 1
  let sum: f64 = 1
  for (let i: f64 = 1; i < 16; i++) {
    term *= x / i
    sum += term
  }
  while (halvings--) sum *= sum
  return sum
}

/** The natural logarithm of y, for y from above 0 to 1: Halley's iteration. */
export function lnOf(y: f64): f64 {
  let x: f64 = 0
  while (x > -700) {
    const power = expOf(x)
    const step = (2 * (power - y)) / (power + y)
    if (step < 1e-15) break
    x -= step
  }
  return x
}
