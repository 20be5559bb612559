// Replays on the machine what `npm run test:linux -- --record` recorded on a real Linux.
import { constants } from 'faultline'
import { describe, expect, it } from 'vitest'
import { missingCalls, readCases } from '../linux/cases.ts'
import { runOnMachine } from '../linux/machine.ts'
import { NAMES } from '../linux/names.ts'

describe.each(readCases())('$subject as on $kernel', ({ cases }) => {
  for (const { name, todo, steps, results } of cases) {
    const missing = missingCalls(steps)
    if (todo !== undefined) it.todo(`${name}: ${todo}`)
    else if (missing.length > 0) it.todo(`${name}: the machine has no ${missing.join(', ')}`)
    else it(name, async () => expect(await runOnMachine(steps, true)).toEqual(results))
  }
})

it('has the constants that Linux has', () => {
  const known = Object.entries(constants).filter(([name]) => NAMES[name] !== undefined)
  expect(known.length).toBeGreaterThan(30)
  for (const [name, value] of known) expect([name, value]).toEqual([name, NAMES[name]])
})
