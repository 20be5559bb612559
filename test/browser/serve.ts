// A server of files for a browser, with the headers that make a page cross-origin isolated.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' }

/** A server, where it is, and what a page posts to it, once. */
export interface Serving {
  server: Server
  origin: string
  posted: Promise<string>
}

/** Serves `pages` by their paths, and else files below a folder at /node_modules/faultline/. */
export async function serve(folder: string, pages: ReadonlyMap<string, string>): Promise<Serving> {
  let post: (text: string) => void = () => {}
  const posted = new Promise<string>(resolve => {
    post = resolve
  })
  const answer = async (request: IncomingMessage): Promise<string | Buffer> => {
    const { url = '/' } = request
    if (request.method !== 'POST') return pages.get(url) ?? readFile(folder + url.replace('/node_modules/faultline/', '/'))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    post(Buffer.concat(chunks).toString())
    return ''
  }
  const server = createServer(async (request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    response.setHeader('Content-Type', TYPES[extname(request.url ?? '')] ?? 'text/html')
    try {
      response.end(await answer(request))
    } catch {
      response.statusCode = 404
      response.end()
    }
  })
  await new Promise<void>(resolve => server.listen(0, 'localhost', resolve))
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}`, posted }
}
