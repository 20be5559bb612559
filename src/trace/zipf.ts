// Zipf-distributed ranks by rejection-inversion: W. Hormann, G. Derflinger, "Rejection-inversion
// to generate variates from monotone discrete distributions", ACM TOMACS 6(3), 1996. Exact, no
// table, a little over one try a number. The logarithm and the exponential are our own, because
// those of Math differ in the last bit between machines.
import type { Random } from './random.js'

const LN2_HIGH = 0.6931471803691238 // 33 bits, so that small multiples are exact
const LN2_LOW = 1.9082149292705877e-10

const double = new Float64Array(1)
const words = new Int32Array(double.buffer)
double[0] = 1
/** Which of `words` holds sign and exponent. */
const HIGH = words[1] === 0 ? 0 : 1

/** A polynomial's coefficients, highest power first, of `terms` terms. */
function coefficients(terms: number, of: (power: number) => number): Float64Array {
  return Float64Array.from({ length: terms }, (_, i) => of(terms - 1 - i))
}

/** Of e^x: 1 / n!. */
const EXP = coefficients(15, power => 1 / Array.from({ length: power }, (_, i) => i + 1).reduce((a, b) => a * b, 1))
/** Of (e^x - 1) / x. */
const EXPM1 = coefficients(8, power => EXP[EXP.length - 2 - power] as number)
/** Of atanh(x) / x, in x^2. */
const ATANH = coefficients(12, power => 1 / (2 * power + 1))
/** Of ln(1 + x) / x. */
const LN1P = coefficients(9, power => (power % 2 === 0 ? 1 : -1) / (power + 1))

/** The value of a polynomial, by Horner's rule. */
function polynomial(factors: Float64Array, x: number): number {
  let sum = 0
  for (let i = 0; i < factors.length; i++) sum = sum * x + (factors[i] as number)
  return sum
}

/** The natural logarithm of a normal number above 0. */
export function ln(x: number): number {
  double[0] = x
  // The exponent that leaves a mantissa in [0.707, 1.414).
  const high = words[HIGH] as number
  const exponent = ((high + 0x95f64) >> 20) - 1023
  words[HIGH] = high - (exponent << 20)
  const m = double[0]
  const s = (m - 1) / (m + 1)
  const z = s * s
  return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * s * polynomial(ATANH, z))
}

/** The exponential of a number from -700 to 700. */
export function exp(x: number): number {
  const k = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  double[0] = polynomial(EXP, r)
  words[HIGH] = (words[HIGH] as number) + (k << 20)
  return double[0]
}

/** (e^x - 1) / x, right near 0 too. */
function expm1OverX(x: number): number {
  return x > 0.01 || x < -0.01 ? (exp(x) - 1) / x : polynomial(EXPM1, x)
}

/** ln(1 + x) / x, right near 0 too. */
function ln1pOverX(x: number): number {
  return x > 0.01 || x < -0.01 ? ln(1 + x) / x : polynomial(LN1P, x)
}

/** Draws ranks 0..size-1, rank k with probability proportional to (k + 1)^-alpha. */
export class Zipf {
  readonly #size: number
  readonly #alpha: number
  readonly #random: Random
  readonly #low: number
  readonly #span: number
  readonly #accept: number

  /** `alpha` is from 0 (uniform) to 10. */
  constructor(size: number, alpha: number, random: Random) {
    this.#size = size
    this.#alpha = alpha
    this.#random = random
    this.#low = this.#integral(size + 0.5)
    this.#span = this.#integral(1.5) - 1 - this.#low
    this.#accept = 2 - this.#inverse(this.#integral(2.5) - exp(-alpha * ln(2)))
  }

  /** The next rank. */
  next(): number {
    for (;;) {
      const u = this.#low + this.#random.fraction() * this.#span
      const x = this.#inverse(u)
      const k = Math.min(Math.max(Math.floor(x + 0.5), 1), this.#size)
      if (k - x <= this.#accept || u >= this.#integral(k + 0.5) - exp(-this.#alpha * ln(k))) return k - 1
    }
  }

  /** An integral of x^-alpha. */
  #integral(x: number): number {
    const log = ln(x)
    return this.#alpha === 1 ? log : expm1OverX((1 - this.#alpha) * log) * log
  }

  /** The inverse of `#integral`. */
  #inverse(u: number): number {
    if (this.#alpha === 1) return exp(u)
    return exp(ln1pOverX(Math.max(u * (1 - this.#alpha), -1 + 2 ** -52)) * u)
  }
}
