import type { ServerResponse } from 'node:http'
import type { ServerRequest } from './server-request.js'

type Header = readonly [name: string, value: string]

/** Sets our headers when the head is written: Koa's error handling and others clear what was set before. */
export function sendHeaders(res: ServerResponse, server: ServerRequest): void {
  const writeHead = res.writeHead
  res.writeHead = function tracedWriteHead(this: ServerResponse, ...args: unknown[]) {
    if (!res.headersSent) {
      server.headWritten(contentTypeOf(res, args.at(-1)))
      addHeaders(res, args, server.responseHeaders())
    }
    return Reflect.apply(writeHead, this, args) as ServerResponse
  }
}

/** Given with the head, or set before. */
function contentTypeOf(res: ServerResponse, given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return res.getHeader('content-type')
  if (Array.isArray(given)) {
    const items = given.flat()
    const at = items.findIndex(isContentType)
    return at === -1 ? res.getHeader('content-type') : items[at + 1]
  }
  for (const name in given) if (isContentType(name)) return (given as Record<string, unknown>)[name]
  return res.getHeader('content-type')
}

function isContentType(name: unknown): boolean {
  return typeof name === 'string' && name.length === 12 && name.toLowerCase() === 'content-type'
}

/** Where all headers come with the head ours go with them: one that was set before would make Node set each of the others, too. */
function addHeaders(res: ServerResponse, args: unknown[], headers: readonly Header[]): void {
  const given = args.at(-1)
  if (typeof given !== 'object' || given === null || res.getHeaderNames().length > 0) return setHeaders(res, headers)
  args[args.length - 1] = Array.isArray(given) ? withAppended(given, headers) : withAdded(given as Record<string, unknown>, headers)
}

function setHeaders(res: ServerResponse, headers: readonly Header[]): void {
  for (const [name, value] of headers) {
    if (!res.hasHeader(name)) res.setHeader(name, value)
    else if (isList(name)) res.appendHeader(name, value)
  }
}

function withAdded(given: Record<string, unknown>, headers: readonly Header[]): Record<string, unknown> {
  const added = { ...given }
  const names = new Map(Object.keys(given).map((name) => [name.toLowerCase(), name]))
  for (const [name, value] of headers) {
    const own = names.get(name.toLowerCase())
    if (own === undefined) added[name] = value
    else if (isList(name)) added[own] = [given[own], value].flat()
  }
  return added
}

/** Names and values in turn, as in `rawHeaders`, or pairs of them. */
function withAppended(given: readonly unknown[], headers: readonly Header[]): unknown[] {
  const pairs = Array.isArray(given[0])
  const names = new Set(
    given
      .flatMap((item, index) => (pairs ? String((item as unknown[])[0]) : index % 2 === 0 ? String(item) : []))
      .map((name) => name.toLowerCase()),
  )
  const missing = headers.filter(([name]) => isList(name) || !names.has(name.toLowerCase()))
  return [...given, ...(pairs ? missing : missing.flat())]
}

/** A header to which ours is added; others that the application has set stay as they are. */
export function isList(name: string): boolean {
  return name === 'Server-Timing'
}
