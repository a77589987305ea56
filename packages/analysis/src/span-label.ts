import type { SpanData } from '@clew/core'
import { readText } from './attributes.js'

/** Addresses that do not tell one server from another; there the port is named too. */
const BARE_ADDRESS = /^(localhost|[\d.]+|[\da-f:]*:[\da-f:.]*)$/i

/**
 * What a person calls a span: a database call by its summary, an outgoing HTTP call that is named after its method with the server's
 * address too, all else by its name. The port is named where the address is an IP address or `localhost`.
 *
 * @example
 * ```ts
 * spanLabel(client)   // name 'GET', server.address 'payments.internal' -> 'GET payments.internal'
 * spanLabel(query)    // db.query.summary 'SELECT orders' -> 'SELECT orders'
 * spanLabel(request)  // 'GET /orders/:id'
 * ```
 */
export function spanLabel(span: SpanData): string {
  const summary = readText(span.attributes, 'db.query.summary')
  if (summary !== undefined) return summary
  const method = readText(span.attributes, 'http.request.method')
  if (span.kind === 'client' && method !== undefined) return labelCall(span, method)
  return span.name === '' ? `(unnamed ${span.kind} span)` : span.name
}

/** True for a call to a database or cache, which never has a server span of its own. */
export function isDatabaseCall(span: SpanData): boolean {
  return readText(span.attributes, 'db.system.name') !== undefined || readText(span.attributes, 'db.query.summary') !== undefined
}

function labelCall(span: SpanData, method: string): string {
  const address = readServer(span)
  const name = span.name === '' ? method : span.name
  if (address === undefined || name.includes(address)) return name
  if (name === method || name === `HTTP ${method}`) return `${method} ${address}`
  return name.startsWith(`${method} /`) ? `${method} ${address}${name.slice(method.length + 1)}` : name
}

function readServer({ attributes }: SpanData): string | undefined {
  const address = readText(attributes, 'server.address')
  if (address === undefined) return /^[a-z][a-z\d+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(readText(attributes, 'url.full') ?? '')?.[1]
  const port = readText(attributes, 'server.port')
  if (port === undefined || !BARE_ADDRESS.test(address)) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
