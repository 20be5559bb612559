import { expect, it } from 'vitest'
import { nextReferences } from '#dist/sim/future.js'
import { densify, goldenTrace } from '../policy/traces.ts'
import { makeTrace } from './makeTrace.ts'

it('finds when each page is referenced next, across chunks and in spite of write bits', async () => {
  const pages = goldenTrace('skew', 10_000)
  const chunks = await nextReferences(makeTrace(pages, { chunk: 999, writes: i => i % 2 === 0 }))
  expect(chunks.flatMap(chunk => [...chunk])).toEqual([...densify(pages).future])
})

it('refuses traces whose references cannot be numbered in 32 bits', async () => {
  const long = { ...makeTrace([1, 2, 3]), path: 'long.flt', references: 2 ** 32 }
  await expect(nextReferences(long)).rejects.toThrow(
    'long.flt: 4294967296 references are more than a policy that sees the future can number',
  )
})
