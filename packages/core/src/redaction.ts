import { maskEmails } from './addresses.js'
import { detach } from './attributes.js'
import { MASK, redactText } from './redact-text.js'
import { maskRedisCommand } from './redis-command.js'
import { isSensitiveName } from './sensitive-names.js'
import type { AttributeValue, Attributes } from './span-data.js'
import { maskSql } from './sql.js'
import { redactUrl } from './url.js'

export { redactText } from './redact-text.js'

/** How the values of a name are treated. */
type Treatment = 'keep' | 'mask' | 'scan' | 'query' | 'url'

const CACHE_LIMIT = 2_000
const CACHED_NAME_LENGTH = 128

const CACHED_QUERIES = 500
const CACHED_QUERY_LENGTH = 1_024

/** Well-known names whose values come from the protocol or the configuration: neither the name nor the value is looked at. */
const LOW_RISK_NAMES: readonly string[] = (
  'http.request.method http.request.method_original http.response.status_code http.route http.method http.status_code http.scheme http.flavor ' +
  'url.scheme url.template server.address server.port client.address client.port network.peer.address network.peer.port network.protocol.name ' +
  'network.protocol.version network.transport network.type net.peer.ip net.host.port net.peer.port service.name service.version service.instance.id ' +
  'db.system db.system.name db.operation db.operation.name db.collection.name db.namespace db.name db.sql.table db.response.status_code ' +
  'messaging.system messaging.operation.name messaging.operation.type messaging.destination.name rpc.system rpc.service rpc.method ' +
  'error.type exception.type otel.status_code span.kind component deployment.environment.name telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version'
).split(' ')
const QUERY_NAMES: readonly string[] = ['db.query.text', 'db.statement']
const URL_NAMES: readonly string[] = [
  'url.full', 'url.original', 'url.query', 'url.fragment', 'http.url', 'http.target',
  'http.request.header.referer', 'http.request.header.origin', 'http.response.header.location',
] // prettier-ignore
/** What was given to a statement or an operation, one attribute per value: literals that were never in its text. */
const PARAMETER_NAME = /^db\.(?:query|operation)\.parameter\b/
const REDIS_SYSTEMS: ReadonlySet<string> = new Set(['redis', 'valkey', 'keydb', 'dragonfly'])

const KNOWN_TREATMENTS: readonly (readonly [string, Treatment])[] = [
  ...LOW_RISK_NAMES.map((name) => [name, 'keep'] as const),
  ...QUERY_NAMES.map((name) => [name, 'query'] as const),
  ...URL_NAMES.map((name) => [name, 'url'] as const),
]
let treatments: Map<string, Treatment> = new Map(KNOWN_TREATMENTS)
/** Queries with placeholders come again and again; those that were found clean, by text, with the database they were read for. */
const cleanQueries = new Map<string, string>()

/**
 * Masks what must not be recorded in one attribute. Values of sensitive names (`password`, `authorization`, `user.email`, ...) become
 * `[REDACTED]`, booleans excepted, as do `db.query.parameter.*`; other texts are scanned as `redactText` does; `db.query.text` and `db.statement` lose their
 * literals and Redis commands their arguments, `url.full` and its like their credentials and signatures.
 *
 * `system` is the span's `db.system.name`, if any. Returns the value itself where there is nothing to mask. Never throws.
 *
 * @example
 * redactAttribute('user.password', 'hunter2') // '[REDACTED]'
 * redactAttribute('db.query.text', 'SET user:7 Jo', 'redis') // 'SET user:7 ?'
 */
export function redactAttribute(name: string, value: AttributeValue, system?: string): AttributeValue {
  if (typeof value === 'boolean') return value
  const treatment = treatments.get(name) ?? decideTreatment(name)
  if (treatment === 'keep') return value
  if (treatment === 'mask') return isFree(value) ? value : MASK
  if (typeof value === 'string') return redactString(value, treatment, system)
  return Array.isArray(value) ? redactArray(value, treatment, system) : value
}

/**
 * Masks what must not be recorded in a set of attributes, as `redactAttribute` does one by one; the database is read from
 * `db.system.name` or `db.system`. Returns the object itself where there is nothing to mask, a copy otherwise.
 *
 * @example
 * redactAttributes({ 'http.request.method': 'GET', 'user.email': 'jo@example.com' })
 * // { 'http.request.method': 'GET', 'user.email': '[REDACTED]' }
 */
export function redactAttributes(attributes: Attributes): Attributes {
  let redacted: Attributes | undefined
  for (const name in attributes) {
    const value = attributes[name]
    if (value === undefined) continue
    const kept = redactAttribute(name, value, systemOf(name, attributes))
    if (kept !== value) (redacted ??= { ...attributes })[name] = kept
  }
  return redacted ?? attributes
}

function decideTreatment(name: string): Treatment {
  const treatment = isSensitiveName(name) || PARAMETER_NAME.test(name) ? 'mask' : 'scan'
  if (name.length > CACHED_NAME_LENGTH) return treatment
  if (treatments.size >= CACHE_LIMIT) treatments = new Map(KNOWN_TREATMENTS)
  treatments.set(detach(name), treatment)
  return treatment
}

/** Only queries need to know the database, so only for them is it looked up. */
function systemOf(name: string, attributes: Attributes): string | undefined {
  if (!QUERY_NAMES.includes(name)) return undefined
  const system = attributes['db.system.name'] ?? attributes['db.system']
  return typeof system === 'string' ? system : undefined
}

/** Empty values and lists give nothing away, nor do lists of booleans. */
function isFree(value: AttributeValue): boolean {
  return value === '' || (Array.isArray(value) && value.every((item) => typeof item === 'boolean'))
}

function redactArray(values: readonly unknown[], treatment: Treatment, system: string | undefined): AttributeValue {
  let redacted: unknown[] | undefined
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value !== 'string') continue
    const kept = redactString(value, treatment, system)
    if (kept !== value) (redacted ??= [...values])[index] = kept
  }
  return (redacted ?? values) as AttributeValue
}

function redactString(value: string, treatment: Treatment, system: string | undefined): string {
  if (treatment === 'url') return redactUrl(value)
  return treatment === 'query' ? redactQuery(value, system) : redactText(value)
}

function redactQuery(text: string, system = ''): string {
  if (REDIS_SYSTEMS.has(system)) return maskEmails(maskRedisCommand(text), MASK)
  if (cleanQueries.get(text) === system) return text
  const masked = maskEmails(maskSql(text, system), MASK)
  if (masked === text && text.length <= CACHED_QUERY_LENGTH) {
    if (cleanQueries.size >= CACHED_QUERIES) cleanQueries.clear()
    cleanQueries.set(detach(text), system)
  }
  return masked
}
