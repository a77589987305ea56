import type { Attributes, AttributeValue } from '@clew/core'

/** Older names of attributes, by the stable one. The first that is there counts. */
const OLDER_NAMES: Readonly<Record<string, readonly string[]>> = {
  'http.request.method': ['http.method'],
  'http.response.status_code': ['http.status_code', 'http.status'],
  'url.full': ['http.url'],
  'url.path': ['http.path'],
  'server.address': ['net.peer.name'],
  'server.port': ['net.peer.port'],
  'db.system.name': ['db.system', 'db.type'],
  'db.query.text': ['db.statement'],
  'db.operation.name': ['db.operation'],
  'db.collection.name': ['db.sql.table'],
  'db.namespace': ['db.name'],
  'messaging.destination.name': ['messaging.destination'],
  'exception.message': ['error.message'],
  'exception.stacktrace': ['error.stack'],
}

/**
 * Reads an attribute by its stable OpenTelemetry name, or by one of its older names where only such a one is there.
 *
 * @example
 * ```ts
 * readAttribute({ 'http.method': 'GET' }, 'http.request.method') // 'GET'
 * ```
 */
export function readAttribute(attributes: Attributes, name: string): AttributeValue | undefined {
  const value = attributes[name]
  if (value !== undefined) return value
  if (!Object.hasOwn(OLDER_NAMES, name)) return undefined
  const older = OLDER_NAMES[name]?.find((candidate) => attributes[candidate] !== undefined)
  return older === undefined ? undefined : attributes[older]
}

/** Reads an attribute as text; `undefined` where there is none, or an empty or composed one. */
export function readText(attributes: Attributes, name: string): string | undefined {
  const value = readAttribute(attributes, name)
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
