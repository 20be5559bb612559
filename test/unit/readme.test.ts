// Every command and every program in the READMEs is run, as printed.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const READMES = ['.', 'assembly', 'bench', 'bench/traces', 'src', 'src/trace', 'test']
  .map(folder => join(folder, 'README.md'))
  .filter(file => existsSync(join(ROOT, file)))

/** Commands that CI runs itself (see .ci/run). */
const RUN_BY_CI = /^npm (ci && npm start|cit|start|test|run (build|lint|typecheck|bench)( -- --smoke)?)$/

/** Recording needs Valgrind: blocks that record are run where it is. */
const hasValgrind = spawnSync('valgrind', ['--version']).status === 0

/** Milliseconds for all commands or programs of one README, on a machine that has other things to do. */
const PATIENCE = 900_000

/** The contents of the fenced blocks in this language. */
function blocks(file: string, language: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(m => m[1] === language).map(m => m[2] as string)
}

/** The commands of a shell block, a line each, without comments. */
function commands(block: string): string[] {
  return block
    .split('\n')
    .map(line => line.replace(/(^|\s)# .*$/, '').trim())
    .filter(line => line !== '')
}

let directory = ''

beforeAll(() => {
  if (!hasValgrind) console.warn('valgrind is not installed: the commands of the READMEs that record are left out')
  directory = mkdtempSync(join(tmpdir(), 'faultline-readme-'))
  for (const name of ['bench', 'assembly', 'src']) symlinkSync(join(ROOT, name), join(directory, name))
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(ROOT, join(directory, 'node_modules/faultline'))
  mkdirSync(join(directory, 'bin'))
  writeFileSync(join(directory, 'bin/npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(ROOT, 'dist/cli/main.js')}' "$@"\n`)
  chmodSync(join(directory, 'bin/npx'), 0o755)
})

afterAll(() => rmSync(directory, { recursive: true }))

/** The commands of a README that are to be run. */
function shellCommands(file: string): string[] {
  return blocks(file, 'sh')
    .filter(block => hasValgrind || !block.includes('faultline record'))
    .flatMap(commands)
    .filter(command => !RUN_BY_CI.test(command))
}

it.each(READMES.filter(file => shellCommands(file).length > 0))(
  '%s has commands that work',
  file => {
    for (const command of shellCommands(file)) {
      expect(command).toMatch(/^npx faultline /)
      execFileSync('sh', ['-ec', command], {
        cwd: directory,
        env: { ...process.env, PATH: `${join(directory, 'bin')}:${process.env.PATH}` },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
    }
  },
  PATIENCE,
)

it.each(READMES.filter(file => blocks(file, 'js').length > 0))(
  '%s has programs that work',
  file => {
    for (const [index, program] of blocks(file, 'js').entries()) {
      const path = join(directory, `program-${index}.mjs`)
      writeFileSync(path, program)
      execFileSync(process.execPath, [path], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })
    }
  },
  PATIENCE,
)
