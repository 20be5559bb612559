// npm run bench -- [SECTION...] [--rounds N] [--cpu] [--smoke]: runs the benches, all or those named.
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benchDecode } from './decode.js'
import { benchLarge } from './large.js'
import { benchMachine } from './machine.js'
import { benchMrc } from './mrc.js'
import { benchReplay } from './replay.js'
import { FULL, type Scale, SMOKE } from './scale.js'
import { benchScaling } from './scaling.js'
import { benchSwap } from './swap.js'

const SECTIONS: Readonly<Record<string, (scale: Scale) => Promise<void>>> = {
  replay: benchReplay,
  decode: benchDecode,
  large: benchLarge,
  mrc: benchMrc,
  machine: benchMachine,
  scaling: benchScaling,
  swap: benchSwap,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean', default: false }, rounds: { type: 'string' }, cpu: { type: 'boolean', default: false } },
})
const unknown = positionals.find(name => !Object.hasOwn(SECTIONS, name))
const scale = values.smoke ? SMOKE : FULL
const rounds = Number(values.rounds ?? scale.rounds)
if (unknown !== undefined) {
  console.error(`unknown section '${unknown}'; there are ${Object.keys(SECTIONS).join(', ')}`)
  process.exitCode = 2
} else if (!(Number.isInteger(rounds) && rounds > 0)) {
  console.error(`rounds is a whole number from 1, not '${values.rounds}'`)
  process.exitCode = 2
} else {
  console.log(
    `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${new Date().toISOString().slice(0, 10)}`,
  )
  for (const [name, bench] of Object.entries(SECTIONS)) {
    if (positionals.length === 0 || positionals.includes(name)) await bench({ ...scale, rounds, cpu: values.cpu })
  }
}
