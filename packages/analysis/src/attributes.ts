import type { Attributes, AttributeValue } from '@clew/core'

/** Older names of attributes, by the stable one. The first that is there counts. */
const OLDER_NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
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
  }),
)

/**
 * Reads an attribute by its stable OpenTelemetry name, or by one of its older names where only such a one is there.
 *
 * @example
 * ```ts
 * readAttribute({ 'http.method': 'GET' }, 'http.request.method') // 'GET'
 * ```
 */
export function readAttribute(attributes: Attributes, name: string): AttributeValue | undefined {
  if (Object.hasOwn(attributes, name)) return attributes[name]
  const older = OLDER_NAMES.get(name)?.find((candidate) => Object.hasOwn(attributes, candidate))
  return older === undefined ? undefined : attributes[older]
}

/** Reads an attribute as text; `undefined` where there is none, or an empty or composed one. */
export function readText(attributes: Attributes, name: string): string | undefined {
  const value = readAttribute(attributes, name)
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
