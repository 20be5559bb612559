// The linkage of two processes as a diagram of 80 columns, made from an inspection alone: process 1 on the
// left, process 2 on the right, and between them what they share.
import type { InspectedPage, InspectedProcess, InspectedVma, Inspection } from '../proc/inspection.js'
import type { Demo, Step } from './demoShm.js'

/** Columns of either side, and of what stands between. */
const SIDE = 29
const MIDDLE = 22

/** A process, and its VMA that is shown. */
interface Party {
  process: InspectedProcess
  vma: InspectedVma
}

/** The calls; the segment; private memory; the way back from frames. */
export function renderDemo({ steps, inspection }: Demo): string {
  const attached = parties(inspection, vma => vma.segment !== null)
  const own = parties(inspection, vma => vma.file === null)
  return [
    ...heading('What the processes did'),
    ...steps.map(renderStep),
    '',
    ...heading('One segment, attached by both: from addresses to frames'),
    ...renderSegment(inspection, attached),
    '',
    ...heading('Private memory after fork: shared until one writes, which copies the page'),
    ...renderSides(own),
    ...renderPages(own, page => (page ? `frame ${page.frame}` : '')),
    '',
    ...heading('And back: from frames to addresses'),
    ...renderFrames(inspection, [...attached, ...own]),
    '',
  ].join('\n')
}

function heading(text: string): string[] {
  return [text, '─'.repeat(text.length)]
}

function renderStep({ pid, call, result }: Step): string {
  return ` process ${pid}  ${call.padEnd(46)}${result === '' ? '' : `= ${result}`}`.trimEnd()
}

/** The two processes, with the VMA of each that is wanted. */
function parties({ processes }: Inspection, wanted: (vma: InspectedVma) => boolean): [Party, Party] {
  const found = processes.flatMap(process => (process.mm?.vmas ?? []).filter(wanted).map(vma => ({ process, vma })))
  return found as [Party, Party]
}

/** A line: what stands left, between and right. */
function row(left: string, middle: string, right: string): string {
  const before = Math.max(0, Math.floor((MIDDLE - middle.length) / 2))
  return `${` ${left}`.padEnd(SIDE)}${(' '.repeat(before) + middle).padEnd(MIDDLE)}${right.padStart(SIDE - 1)}`.trimEnd()
}

/** One line for each of what `left` and `right` say of the parties. */
function both([left, right]: readonly [Party, Party], text: (party: Party) => string): string {
  return row(text(left), '', text(right))
}

const STEM = row('  │', '', '│  ')

function renderSides(pair: [Party, Party]): string[] {
  return [
    both(pair, ({ process }) => `process ${process.pid}`),
    both(pair, ({ process: { mm } }) => `mm: ${mm?.vmas.length} VMAs, ${mm?.tables} page tables`),
    STEM,
    both(pair, ({ vma }) => `VMA ${vma.rights}`),
    both(pair, ({ vma }) => `${hex(vma.start)}-${hex(vma.end)}`),
    STEM,
  ]
}

/** From processes to the segment's inode, and from its pages to frames. */
function renderSegment({ files, inodes, segments }: Inspection, pair: [Party, Party]): string[] {
  const [segment] = segments
  const inode = inodes.find(({ address }) => address === segment?.inode)
  const fileOf = ({ vma }: Party): string => `file, ${counted(files.find(({ address }) => address === vma.file)?.refs ?? 0, 'reference')}`
  const label = ` inode ${inode?.number}, ${counted(inode?.refs ?? 0, 'reference')} `
  const arms = STEM.length - '  └▶◀┘'.length - label.length - 1
  const [near, far] = [Math.floor(arms / 2), Math.ceil(arms / 2)].map(length => '─'.repeat(length))
  return [
    ...renderSides(pair),
    both(pair, fileOf),
    STEM,
    `   └${near}▶${label}◀${far}┘`,
    row('', pair[0].vma.name, ''),
    row('', `segment ${segment?.id}, key 0x${segment?.key.toString(16)}`, ''),
    row('', `${segment?.nattch} attachments`, ''),
    row('', '│', ''),
    row('', 'address_space', ''),
    ...renderPages(pair, (_, index) => {
      const page = inode?.pages.find(page => page.index === index)
      return `page ${index} ${page ? `= frame ${page.frame}` : 'is not there'}`
    }),
  ]
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** One line a page, or two where the sides have frames of their own; `label` says what stands between. */
function renderPages([left, right]: [Party, Party], label: (page: InspectedPage | undefined, index: number) => string): string[] {
  const at = ({ vma }: Party, index: number): InspectedPage | undefined =>
    vma.pages.find(({ address }) => address === vma.start + index * 4096)
  return Array.from({ length: (left.vma.end - left.vma.start) / 4096 }, (_, index) => {
    const [here, there] = [at(left, index), at(right, index)]
    const [first, second] = [leftSide(here, left, index), rightSide(there, right, index)]
    if (!here || !there || here.frame === there.frame) return [row(first, label(here ?? there, index), second)]
    return [row(first, label(here, index), ''), row('', label(there, index), second)]
  }).flat()
}

/** `7ffff7ffa000 rw dirty ────▶`. */
function leftSide(page: InspectedPage | undefined, { vma }: Party, index: number): string {
  const address = hex(vma.start + index * 4096)
  return page ? `${`${address} ${rights(page)} `.padEnd(SIDE - 2, '─')}▶` : `${address} not present`
}

/** `◀──── rw dirty 7ffff7ffa000`. */
function rightSide(page: InspectedPage | undefined, { vma }: Party, index: number): string {
  const address = hex(vma.start + index * 4096)
  return page ? `◀${` ${rights(page)} ${address}`.padStart(SIDE - 2, '─')}` : `not present ${address}`
}

function rights({ writable, dirty }: InspectedPage): string {
  return `${writable ? 'rw' : 'r-'}${dirty ? ' dirty' : ''}`
}

/** Every frame of the VMAs that are shown, and who maps it. */
function renderFrames({ frames, inodes }: Inspection, shown: readonly Party[]): string[] {
  const numbers = new Set(shown.flatMap(({ vma }) => vma.pages.map(({ frame }) => frame)))
  return frames
    .filter(({ frame }) => numbers.has(frame))
    .flatMap(({ frame, refs, inode, index, mappings }) => {
      const number = inodes.find(({ address }) => address === inode)?.number
      const what = inode === null ? 'private page' : `page ${index} of inode ${number}`
      const head = ` frame ${frame}  ${what.padEnd(17)} ${counted(refs, 'reference').padEnd(12)}  `
      return mappings.map(({ pid, address }, nth) => `${nth === 0 ? head : ' '.repeat(head.length)}◀── process ${pid} at ${hex(address)}`)
    })
}

function hex(address: number): string {
  return address.toString(16)
}
