// Ports between threads, as node:worker_threads has them, in Node and in a browser.
import type { MessagePort } from 'node:worker_threads'
import { isNode } from './builtin.js'

/** A port of a browser with what Node's have besides: `on` for messages; it never keeps a thread from ending, nor says that it is closed. */
export function asPort(port: MessagePort): MessagePort {
  if (isNode) return port
  const plain = port as unknown as { onmessage: ((event: { data: unknown }) => void) | null }
  const more = {
    on(_: 'message', listener: (value: unknown) => void) {
      plain.onmessage = ({ data }) => listener(data)
    },
    ref() {},
    unref() {},
  }
  return Object.assign(port, more as unknown as Partial<MessagePort>)
}
