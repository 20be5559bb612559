import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The built command line. */
export const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname

/** Runs the built command line in a directory as a process of its own, with neither terminal nor input. */
export function faultline(cwd: string, ...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { NO_COLOR: _, FORCE_COLOR: __, FAULTLINE_DEBUG: ___, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { cwd, env, input: '', encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

/** A fresh directory for a test's files. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'faultline-'))
}
