import { maskEmails } from './addresses.js'
import { detach } from './attributes.js'
import { MASK, redactText } from './redact-text.js'
import { maskRedisCommand } from './redis-command.js'
import { askRedact, compileNames, type NameRules, type RedactFunction, type RedactRules } from './redact-rules.js'
import { isSensitiveName, type NameTest, rememberNames } from './sensitive-names.js'
import type { AttributeValue, Attributes } from './span-data.js'
import { maskSql } from './sql.js'
import { redactUrl } from './url.js'

export { redactText } from './redact-text.js'

/** How the values of a name are treated; `hide` masks whatever it is, `mask` leaves booleans. */
type Treatment = 'keep' | 'hide' | 'mask' | 'scan' | 'query' | 'url'

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
  'error.type exception.type otel.status_code span.kind component deployment.environment.name process.pid telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version'
).split(' ')
const QUERY_NAMES: readonly string[] = ['db.query.text', 'db.statement']
const URL_NAMES: readonly string[] = [
  'url.full', 'url.original', 'url.query', 'url.fragment', 'http.url', 'http.target',
  'http.request.header.referer', 'http.request.header.origin', 'http.response.header.location',
] // prettier-ignore
/** What was given to a statement or an operation, one attribute per value: literals that were never in its text. */
const PARAMETER_NAME = /^db\.(?:query|operation)\.parameter\b/
const REDIS_SYSTEMS: ReadonlySet<string> = new Set(['redis', 'valkey', 'keydb', 'dragonfly'])

const KNOWN_TREATMENTS: Map<string, Treatment> = new Map()
for (const name of LOW_RISK_NAMES) KNOWN_TREATMENTS.set(name, 'keep')
for (const name of QUERY_NAMES) KNOWN_TREATMENTS.set(name, 'query')
for (const name of URL_NAMES) KNOWN_TREATMENTS.set(name, 'url')
/** What everything recorded is told apart by; no rule can hide it. */
const SERVICE_NAME = 'service.name'
/** Queries with placeholders come again and again; those that were found clean, by text, with the database they were read for. */
const cleanQueries = new Map<string, string>()

/** Masks what must not be recorded: the built-in rules and, on top of them, those of one tracer, with a memory of its own. */
export class Redaction {
  readonly #names: NameRules | undefined
  readonly #change: RedactFunction | undefined
  readonly #onThrow: (error: unknown) => void
  /** For the keys of assignments inside texts and for the parameters of URLs. */
  readonly #isSensitive: NameTest
  #treatments: Map<string, Treatment>

  constructor(rules?: RedactRules, onThrow: (error: unknown) => void = () => {}) {
    const names = typeof rules === 'object' ? compileNames(rules) : undefined
    this.#names = names
    this.#change = typeof rules === 'function' ? rules : undefined
    this.#onThrow = onThrow
    this.#isSensitive = names ? rememberNames((name) => isSensitiveName(name) || names.isMeant(name)) : isSensitiveName
    this.#treatments = this.#knownTreatments()
  }

  /** One value by its name; `system` is the span's `db.system.name`, if any. The value itself where there is nothing to mask. Never throws. */
  attribute(name: string, value: AttributeValue, system?: string): AttributeValue {
    if (this.#change === undefined || name === SERVICE_NAME) return this.#mask(name, value, system)
    const changed = askRedact(this.#change, { name, value }, this.#onThrow)
    return changed === undefined ? MASK : this.#mask(name, changed, system)
  }

  /** A set of attributes; the object itself where there is nothing to mask, a copy otherwise. */
  attributes(attributes: Attributes): Attributes {
    let redacted: Attributes | undefined
    for (const name in attributes) {
      const value = attributes[name]
      if (value === undefined) continue
      const kept = this.attribute(name, value, systemOf(name, attributes))
      if (kept !== value) (redacted ??= { ...attributes })[name] = kept
    }
    return redacted ?? attributes
  }

  /** A text that is no attribute; a function of the user's sees it under `name`. */
  text(name: string, text: string): string {
    if (this.#change === undefined) return redactText(text, this.#isSensitive)
    const changed = askRedact(this.#change, { name, value: text }, this.#onThrow)
    return changed === undefined ? MASK : redactText(String(changed))
  }

  #mask(name: string, value: AttributeValue, system: string | undefined): AttributeValue {
    if (typeof value === 'boolean' && this.#names === undefined) return value
    const treatment = this.#treatments.get(name) ?? this.#decide(name)
    if (treatment === 'keep') return value
    if (treatment === 'hide') return value === '' ? value : MASK
    if (typeof value === 'boolean') return value
    if (treatment === 'mask') return isFree(value) ? value : MASK
    const about = treatment === 'query' ? system : name
    if (typeof value === 'string') return this.#redactString(value, treatment, about)
    return Array.isArray(value) ? redactArray(value, (item) => this.#redactString(item, treatment, about)) : value
  }

  #decide(name: string): Treatment {
    const treatment = this.#names?.isMeant(name) ? 'hide' : isSensitiveName(name) || PARAMETER_NAME.test(name) ? 'mask' : 'scan'
    if (name.length > CACHED_NAME_LENGTH) return treatment
    if (this.#treatments.size >= CACHE_LIMIT) this.#treatments = this.#knownTreatments()
    this.#treatments.set(detach(name), treatment)
    return treatment
  }

  /** Well-known names are hidden where they were named themselves, not where a word of theirs was: `name` does not mean `db.collection.name`. */
  #knownTreatments(): Map<string, Treatment> {
    const treatments = new Map(KNOWN_TREATMENTS)
    if (this.#names === undefined) return treatments
    for (const name of treatments.keys()) if (name !== SERVICE_NAME && this.#names.isExact(name)) treatments.set(name, 'hide')
    return treatments
  }

  /** `about` is the database of a query, and the name of everything else. */
  #redactString(value: string, treatment: Treatment, about: string | undefined): string {
    if (treatment === 'url') return redactUrl(value, this.#isSensitive)
    return treatment === 'query' ? redactQuery(value, about) : redactText(value, this.#isSensitive, about)
  }
}

/** The built-in rules alone. */
export const BUILT_IN: Redaction = new Redaction()

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
  return BUILT_IN.attribute(name, value, system)
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
  return BUILT_IN.attributes(attributes)
}

/** Only queries need to know the database, so only for them is it looked up. */
function systemOf(name: string, attributes: Attributes): string | undefined {
  if (name !== 'db.query.text' && name !== 'db.statement') return undefined
  const system = attributes['db.system.name'] ?? attributes['db.system']
  return typeof system === 'string' ? system : undefined
}

/** Empty values and lists give nothing away, nor do lists of booleans. */
function isFree(value: AttributeValue): boolean {
  return value === '' || (Array.isArray(value) && value.every((item) => typeof item === 'boolean'))
}

function redactArray(values: readonly unknown[], redact: (value: string) => string): AttributeValue {
  let redacted: unknown[] | undefined
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value !== 'string') continue
    const kept = redact(value)
    if (kept !== value) (redacted ??= [...values])[index] = kept
  }
  return (redacted ?? values) as AttributeValue
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
