import type { HeaderGetter } from './carrier.js'
import type { RequestDescription } from './request.js'
import type { Attributes } from './span-data.js'

/** Methods of RFC 9110 section 9.3, PATCH of RFC 5789 and QUERY; others would be free text in span names. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])
const DEFAULT_PORTS = { http: 80, https: 443 } as const

/** True for a method that stands in span names; others are `HTTP` there and `_OTHER` among the attributes. */
export function isKnownMethod(method: string): boolean {
  return METHODS.has(method)
}

/** HTTP server semantic conventions 1.44: what is known before the request is handled. */
export function requestAttributes(request: RequestDescription, capture: readonly string[]): Attributes {
  const { method, path, scheme, header, peerAddress, protocolVersion } = request
  const known = isKnownMethod(method)
  const attributes: Attributes = { 'http.request.method': known ? method : '_OTHER', 'url.path': path, 'url.scheme': scheme }
  if (!known) attributes['http.request.method_original'] = method.slice(0, 64)
  setHost(attributes, readSingle(header, 'host'), scheme)
  if (peerAddress !== undefined) attributes['client.address'] = peerAddress
  if (protocolVersion !== undefined) attributes['network.protocol.version'] = protocolVersion === '2.0' ? '2' : protocolVersion
  for (const name of capture) {
    const value = header(name)
    if (value !== undefined) attributes[`http.request.header.${name}`] = typeof value === 'string' ? [value] : value
  }
  return attributes
}

function setHost(attributes: Attributes, host: string | undefined, scheme: 'http' | 'https'): void {
  if (!host || host.length > 260) return
  const colon = host.lastIndexOf(':')
  const hasPort = colon > host.lastIndexOf(']') && colon !== -1
  attributes['server.address'] = hasPort ? host.slice(0, colon) : host
  const port = hasPort ? Number(host.slice(colon + 1)) : DEFAULT_PORTS[scheme]
  if (Number.isInteger(port)) attributes['server.port'] = port
}

function readSingle(header: HeaderGetter, name: string): string | undefined {
  const value = header(name)
  return typeof value === 'string' ? value : value?.[0]
}
