// The machine in a browser: the README's page as printed, and what a page and its workers can do. Needs Chromium.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serve } from './serve.ts'

const ROOT = join(import.meta.dirname, '../..')
const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(name => spawnSync(name, ['--version']).status === 0)
if (CHROMIUM === undefined) console.warn('there is no Chromium: the machine is not tested in a browser')

/** What the page of some pages posts, or else its console. */
async function inBrowser(pages: Record<string, string>): Promise<string> {
  const { server, origin, posted } = await serve(ROOT, new Map(Object.entries(pages)))
  const profile = mkdtempSync(join(tmpdir(), 'faultline-browser-'))
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--enable-logging=stderr',
    `--user-data-dir=${profile}`,
  ]
  const browser = spawn(CHROMIUM as string, [...flags, `${origin}/`], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  browser.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const ended = new Promise<string>(resolve => browser.once('close', () => resolve(`Chromium ended: ${log}`)))
  try {
    return await Promise.race([posted, ended])
  } finally {
    browser.kill('SIGKILL')
    await ended
    server.close()
    server.closeAllConnections()
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** A page with a module that imports the library, and posts what `run` resolves with, or what went wrong. */
function page(run: string): string {
  return `<!doctype html><script type="importmap">{ "imports": { "faultline": "/node_modules/faultline/dist/machine.js" } }</script>
    <script type="module">
      const post = value => fetch('/', { method: 'POST', body: JSON.stringify(value) })
      addEventListener('unhandledrejection', event => post({ unhandled: String(event.reason?.stack ?? event.reason) }))
      addEventListener('error', event => post({ error: event.message }))
      const { boot, constants: C } = await import('faultline')
      const codeOf = promise => promise.then(value => value, error => error.code || error.name + ': ' + error.message)
      try {
        const machine = await boot({ memory: '16MiB', target: 'debug' })
        const { init } = machine
        post(await (async () => { ${run} })())
      } catch (error) {
        post({ threw: String(error?.stack ?? error) })
      }
    </script>`
}

const SELF = '/node_modules/faultline/dist/process/self.js'

it.skipIf(CHROMIUM === undefined)('boots, faults, forks, reads /proc and keeps snapshots on the main thread of a page', async () => {
  const result = await inBrowser({
    '/': page(`
      const at = init.mmap(0, 8192, C.PROT_READ | C.PROT_WRITE, C.MAP_PRIVATE | C.MAP_ANONYMOUS)
      init.store32(at, 42)
      const child = init.fork()
      child.store32(at, 43)
      const waits = Promise.all([init.waitOnAsync(at, 42), init.waitOnAsync(at, 42, 5), init.waitAsync()])
      // who waits was entered by the call
      const woken = init.notify(at, 1)
      child.exit(3)
      const [first, second, { exitCode }] = await waits
      const snapshot = machine.snapshot()
      const again = await boot({ snapshot })
      const damaged = await codeOf(boot({ snapshot: snapshot.map((byte, i) => i === 100 ? byte ^ 1 : byte) }))
      machine.validate()
      again.validate()
      return [crossOriginIsolated, woken, first, second, exitCode, again.init.load32(at), damaged, machine.proc('/proc/1/maps').includes('rw-p')]`),
  })
  expect(JSON.parse(result)).toEqual([true, 1, 'ok', 'timed-out', 3, 42, 'InputError: this snapshot is truncated or damaged', true])
})

it.skipIf(CHROMIUM === undefined)('starts workers as processes, which end by exit, at their end, by an error or a kill', async () => {
  const result = await inBrowser({
    '/exits.js': `import { self, workerData } from '${SELF}'
      const at = self.shmat(workerData, 0, 0)
      self.add32(at, 1)
      self.semop(0, [{ num: 0, op: -1 }])
      self.exit(7)`,
    '/ends.js': `import { self, workerData } from '${SELF}'\nself.add32(self.shmat(workerData, 0, 0), 1)`,
    '/throws.js': `import { self } from '${SELF}'\nself.fork()\nthrow new RangeError('out of luck')`,
    '/rejects.js': `import { self } from '${SELF}'\nPromise.reject(new RangeError('aside'))\nawait new Promise(() => {})`,
    '/sleeps.js': `import { self, workerData } from '${SELF}'\nself.waitOn(self.shmat(workerData, 0, 0) + 8, 0)`,
    '/clones.js': `import { self, workerData } from '${SELF}'
      const thread = await self.clone(new URL('/thread.js', location.href), { workerData: self.shmat(workerData, 0, 0) })
      await thread.exited
      self.exit(self.load32(self.shmat(workerData, 0, 0) + 16))`,
    '/thread.js': `import { self, workerData } from '${SELF}'\nself.add32(workerData + 16, 5)`,
    '/loops.js': `import { self, workerData } from '${SELF}'\nself.add32(self.shmat(workerData, 0, 0) + 4, 1)\nfor (;;);`,
    '/': page(`
      const free = machine.freeFrames
      const id = init.shmget(C.IPC_PRIVATE, 4096, 0o600)
      const at = init.shmat(id, 0, 0)
      const sem = init.semget(C.IPC_PRIVATE, 1, 0o600)
      const spawn = name => machine.spawn(new URL(name + '.js', location.href), { workerData: id })
      const exits = await spawn('exits')
      init.semop(sem, [{ num: 0, op: 1 }])
      const clones = await (await spawn('clones')).exited
      const results = [clones, await exits.exited, await (await spawn('ends')).exited, init.load32(at)]
      for (const bad of ['throws', 'rejects', 'nowhere']) results.push(await codeOf((async () => (await spawn(bad)).exited)()))
      results.push(await codeOf(machine.spawn(new URL('file:///x.js'))))
      results.push(await codeOf(machine.spawn(new URL('ends.js', location.href), { workerData: () => 1 })))
      const [sleeps, loops, ended] = await Promise.all([spawn('sleeps'), spawn('loops'), spawn('loops')])
      results.push(await codeOf(machine.spawn(new URL('ends.js', location.href))))
      while (init.load32(at + 4) < 2) await new Promise(resolve => setTimeout(resolve, 1))
      machine.validate()
      init.kill(sleeps.pid, 'SIGKILL')
      init.kill(loops.pid, 'SIGTERM')
      await ended.terminate()
      results.push(await sleeps.exited, await loops.exited, await ended.exited)
      init.semctl(sem, 0, C.IPC_RMID)
      init.shmdt(at)
      init.shmctl(id, C.IPC_RMID)
      await machine.shutdown()
      machine.validate()
      return [...results, machine.freeFrames - free]`),
  })
  expect(JSON.parse(result)).toEqual([
    ...[5, 7, 0, 2],
    'RangeError: out of luck',
    'RangeError: aside',
    expect.stringMatching(/^TypeError: Failed to fetch dynamically imported module: .*nowhere\.js$/),
    "TypeError: a worker's module is a http:, https:, blob: or data: URL, not file:",
    25,
    'EAGAIN',
    ...[137, 143, 1],
    0,
  ])
})

it.skipIf(CHROMIUM === undefined)('does what the README shows', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const block = (language: string): string => new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(readme)?.[1] ?? ''
  const report = `<script type="module">
    while (!document.body.innerText.includes('the worker')) await new Promise(resolve => setTimeout(resolve, 10))
    await fetch('/', { method: 'POST', body: document.body.innerText })
  </script>`
  expect(block('html')).toContain('importmap')
  expect(await inBrowser({ '/': `<!doctype html><body>${block('html')}</body>${report}`, '/worker.js': block('javascript') })).toContain(
    'the worker wrote 42 and ended with 0',
  )
})
