import type { Socket } from 'node:net'
import { isList } from './response-head.js'
import type { ServerRequest } from './server-request.js'

/** Of RFC 9112, section 4. A line that comes in pieces tells its status. */
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?:[^\r\n]*(\r\n))?/

/**
 * Waits for the head of the answer, which upgrades write on the socket by themselves: adds our headers to it, and tells its status; undefined for
 * one that is none. What is written before a final status, and all that comes after it, is let through as it is.
 */
export function watchHead(socket: Socket, server: ServerRequest, onAnswer: (statusCode: number | undefined) => void): void {
  const { write, end } = socket
  socket.write = function tracedWrite(this: Socket, ...args: unknown[]) {
    return Reflect.apply(write, this, withHeaders(args)) as boolean
  }
  socket.end = function tracedEnd(this: Socket, ...args: unknown[]) {
    return Reflect.apply(end, this, withHeaders(args)) as Socket
  }

  function withHeaders(args: unknown[]): unknown[] {
    const text = toText(args[0])
    if (!text) return args
    const [line = '', status, lineEnd] = STATUS_LINE.exec(text) ?? []
    const statusCode = status === undefined ? undefined : Number(status)
    if (statusCode !== undefined && isInterim(statusCode)) return args
    // Whatever comes next may be anybody's bytes.
    socket.write = write
    socket.end = end
    server.headWritten()
    const head = lineEnd === undefined ? undefined : line + missingHeaders(text, server) + text.slice(line.length)
    onAnswer(statusCode)
    return head === undefined ? args : [typeof args[0] === 'string' ? head : Buffer.from(head, 'latin1'), ...args.slice(1)]
  }
}

/** 100 and 103 come before the answer. */
function isInterim(statusCode: number): boolean {
  return statusCode < 200 && statusCode !== 101
}

function toText(chunk: unknown): string | undefined {
  if (typeof chunk === 'string') return chunk
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1') : undefined
}

function missingHeaders(text: string, server: ServerRequest): string {
  const end = text.indexOf('\r\n\r\n')
  const head = text.slice(0, end === -1 ? undefined : end).toLowerCase()
  const missing = server.responseHeaders().filter(([name]) => isList(name) || !head.includes(`\r\n${name.toLowerCase()}:`))
  return missing.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}
