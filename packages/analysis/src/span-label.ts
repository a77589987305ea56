import type { SpanData } from '@clew/core'
import { readText } from './attributes.js'
import type { SpanNode } from './types.js'

/** Addresses that do not tell one server from another; there the port is named too. */
const BARE_ADDRESS = /^(localhost|[\d.]+|[\da-f:]*:[\da-f:.]*)$/i

/** The same as calls are labelled with them: with a port or without. */
const LABEL_ADDRESS = /^(?:localhost|[\d.]+|\[[\da-f:.]+\]|[\da-f]*:[\da-f]*:[\da-f:.]*)(?::\d+)?$/i

/**
 * What a person calls a span: a database call by its summary, an outgoing HTTP call that is named after its method with the server's
 * address too, all else by its name. The port is named where the address is an IP address or `localhost`.
 *
 * @example
 * ```ts
 * spanLabel(client)   // 'GET payments.internal'
 * spanLabel(query)    // 'SELECT orders'
 * spanLabel(request)  // 'GET /orders/:id'
 * ```
 */
export function spanLabel(span: SpanData): string {
  return labelSpan(span, span.kind === 'client' ? readServer(span) : undefined)
}

function labelSpan(span: SpanData, server: string | undefined): string {
  const summary = readText(span.attributes, 'db.query.summary')
  if (summary !== undefined) return summary
  const method = readText(span.attributes, 'http.request.method')
  if (span.kind === 'client' && method !== undefined) return labelCall(span.name, method, server)
  return span.name === '' ? `(unnamed ${span.kind} span)` : span.name
}

/**
 * What a person calls a span in its place in a trace: as `spanLabel` says, but a call to a bare address is named after the service that
 * answered it, where exactly one did.
 *
 * @example
 * ```ts
 * spanLabel(node.span) // 'POST 127.0.0.1:4001'
 * nodeLabel(node)      // 'POST orders'
 * ```
 */
export function nodeLabel(node: SpanNode): string {
  const { span } = node
  const server = span.kind === 'client' ? readServer(span) : undefined
  const callee = server !== undefined && LABEL_ADDRESS.test(server) ? findCallee(node) : undefined
  return callee === undefined ? spanLabel(span) : labelSpan(span, callee)
}

function findCallee({ span, children }: SpanNode): string | undefined {
  const callees = new Set<string>()
  for (const child of children) if (child.span.kind === 'server' && child.span.service !== span.service) callees.add(child.span.service)
  return callees.size === 1 ? [...callees][0] : undefined
}

/** True for a call to a database or cache, which never has a server span of its own. */
export function isDatabaseCall(span: SpanData): boolean {
  return readText(span.attributes, 'db.system.name') !== undefined || readText(span.attributes, 'db.query.summary') !== undefined
}

function labelCall(spanName: string, method: string, address: string | undefined): string {
  const name = spanName === '' ? method : spanName
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
