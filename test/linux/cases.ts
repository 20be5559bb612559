// The conformance cases: programs with what a real Linux answered, in test/conformance/cases, a file a subject.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { callNamed } from './calls/index.js'
import { callOf, type Shown, type Step } from './program.js'

const FOLDER = new URL('../../test/conformance/cases/', import.meta.url)

/** A program and what it shows. */
export interface Case {
  name: string
  steps: Step[]
  results: Shown[]
  /** Why the machine does not pass yet. */
  todo?: string
}

/** The cases of a subject, and which kernel answered them. */
export interface CaseFile {
  subject: string
  kernel: string
  cases: Case[]
}

/** All files of cases, by subject. */
export function readCases(): CaseFile[] {
  const files = readdirSync(FOLDER).filter(file => file.endsWith('.json'))
  return files.sort().map(file => {
    const { kernel, cases } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Pick<CaseFile, 'kernel' | 'cases'>
    return { subject: file.replace('.json', ''), kernel, cases }
  })
}

/** Writes a file of cases, a case a line. */
export function writeCases({ subject, kernel, cases }: CaseFile): void {
  const lines = cases.map(({ name, todo, steps, results }) => `    ${JSON.stringify({ name, todo, steps, results })}`)
  writeFileSync(
    new URL(`${subject}.json`, FOLDER),
    `{\n  "kernel": ${JSON.stringify(kernel)},\n  "cases": [\n${lines.join(',\n')}\n  ]\n}\n`,
  )
}

/** The calls of a program that the machine does not have. */
export function missingCalls(steps: readonly Step[]): string[] {
  const names = new Set(steps.map(step => callOf(step).name))
  return [...names].filter(name => !callNamed(name).machine)
}
