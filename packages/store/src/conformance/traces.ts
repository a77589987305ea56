import type { Attributes, Resource, SpanData, SpanKind } from '@clew/core'
import { BASE_TIME } from './builders.js'
import type { Random } from './random.js'

/** What generated spans are made of. Small, so that much coincides: equal starts, equal durations, shared names and external ids. */
export const SERVICES = ['gateway', 'auth', 'orders', 'payments', 'größe'] as const
export const NAMES = ['GET /orders/:id', 'POST /checkout', 'SELECT orders', 'charge', 'cache get'] as const
export const PATHS = ['/orders/1', '/orders/2', '/checkout'] as const
export const VERSIONS = ['1.0.0', '1.1.0', '2.0.0'] as const
export const ENVIRONMENTS = ['production', 'staging'] as const
export const ERROR_TYPES = ['TimeoutError', 'ECONNREFUSED', '503'] as const
export const EXTERNAL_IDS = ['abc-123', 'job:42', 'ticket/7'] as const
export const METHODS = ['GET', 'POST'] as const

const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer']
const WINDOW_MS = 10_000

/** Spans of many traces, in no order: late parts, missing parents, several roots, repeated spans, spans that came unfinished first. */
export function generateSpans(random: Random, traceCount: number): readonly SpanData[] {
  const resources = SERVICES.flatMap((service) => VERSIONS.map((version) => buildResource(random, service, version)))
  const traces = Array.from({ length: traceCount }, () => generateTrace(random, resources))
  const spans = random.shuffle(traces.flat())
  const unfinished = spans.filter(() => random.chance(0.05)).map((span) => toUnfinished(random, span))
  return random.shuffle([...spans, ...spans.filter(() => random.chance(0.05)), ...unfinished])
}

/** A span as it was sent before it had ended, under another name and by a clock that was set since. */
function toUnfinished(random: Random, span: SpanData): SpanData {
  const startTime = span.startTime + random.pick([-500, 0, 500])
  const attributes: Attributes = { 'clew.unfinished': true, 'http.route': '/unfinished' }
  return { ...span, name: random.pick(NAMES), startTime, duration: random.integer(0, 400), status: 'unset', attributes, events: [] }
}

function buildResource(random: Random, service: string, version: string): Resource {
  const environment = random.chance(0.5) ? 'deployment.environment.name' : 'deployment.environment'
  return {
    attributes: {
      'service.name': service,
      'service.version': version,
      [environment]: random.pick(ENVIRONMENTS),
      'host.name': `${service}-1`,
    },
  }
}

function generateTrace(random: Random, resources: readonly Resource[]): SpanData[] {
  const traceId = random.hex(32)
  const startTime = BASE_TIME + random.integer(0, 40) * (WINDOW_MS / 40)
  const spans: SpanData[] = []
  for (let count = random.integer(1, 8); count > 0; count -= 1) {
    spans.push(generateSpan(random, { traceId, startTime, resource: random.pick(resources), above: spans }))
  }
  return random.chance(0.2) ? spans.slice(1).concat(spans.length === 1 ? spans : []) : spans
}

interface SpanPlace {
  readonly traceId: string
  readonly startTime: number
  readonly resource: Resource
  /** The spans of the trace so far. */
  readonly above: readonly SpanData[]
}

function generateSpan(random: Random, { traceId, startTime, resource, above }: SpanPlace): SpanData {
  const parent = above.length > 0 ? random.pick(above) : undefined
  const failed = random.chance(0.2)
  return {
    traceId,
    spanId: random.hex(16),
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    name: random.pick(NAMES),
    kind: random.pick(KINDS),
    service: String(resource.attributes['service.name']),
    startTime: startTime + random.integer(0, 5) * above.length,
    duration: random.integer(1, 12) * 25,
    status: failed ? 'error' : random.pick(['unset', 'ok']),
    ...(failed && random.chance(0.5) ? { statusMessage: `failed ${random.integer(1, 3)} times` } : {}),
    attributes: { ...generateAttributes(random), ...(failed && random.chance(0.5) ? { 'error.type': random.pick(ERROR_TYPES) } : {}) },
    events: failed && random.chance(0.5) ? [generateException(random, startTime)] : [],
    links: [],
    resource,
    flags: 1,
  }
}

function generateAttributes(random: Random): Attributes {
  const names = random.pick([
    { method: 'http.request.method', status: 'http.response.status_code', path: 'url.path' },
    { method: 'http.method', status: 'http.status_code', path: 'http.path' },
  ])
  return {
    ...(random.chance(0.7) ? { [names.method]: random.pick(METHODS) } : {}),
    ...(random.chance(0.7) ? { [names.status]: random.pick([200, 404, 503]) } : {}),
    ...(random.chance(0.5) ? { [names.path]: random.pick(PATHS) } : {}),
    ...(random.chance(0.2) ? { 'trace.external_id': random.pick(EXTERNAL_IDS) } : {}),
    ...(random.chance(0.2) ? { tags: ['a', random.pick(['b', 'c'])] } : {}),
    ...(random.chance(0.2) ? { cached: random.chance(0.5) } : {}),
  }
}

function generateException(random: Random, time: number): SpanData['events'][number] {
  return {
    name: 'exception',
    time,
    attributes: { 'exception.type': random.pick(ERROR_TYPES), 'exception.message': random.pick(['boom', 'bang']) },
  }
}
