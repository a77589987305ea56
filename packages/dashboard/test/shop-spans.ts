import type { Attributes, ExportBatch, Resource, SpanData, SpanEvent, SpanKind } from '@clew/core'

/** A span as a test writes it: times in milliseconds from the start of its trace. */
export interface SpanSketch {
  readonly service: string
  readonly name: string
  readonly kind?: SpanKind
  readonly at: number
  readonly ms: number
  readonly attributes?: Attributes
  readonly events?: readonly SpanEvent[]
  /** The message of a failed span. */
  readonly failed?: string
  /** A parent that is not part of the trace. */
  readonly parentSpanId?: string
  readonly children?: readonly SpanSketch[]
}

const resources = new Map<string, Resource>()

/** The spans of a sketched trace, parents before their children, with span ids counted up. */
export function drawTrace(traceId: string, startTime: number, roots: readonly SpanSketch[]): SpanData[] {
  const spans: SpanData[] = []
  const waiting = roots.map((sketch) => ({ sketch, parent: undefined as SpanData | undefined })).reverse()
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const span = toSpan(next.sketch, { traceId, spanId: toHexId(spans.length + 1, 16), startTime, parent: next.parent })
    spans.push(span)
    for (const child of [...(next.sketch.children ?? [])].reverse()) waiting.push({ sketch: child, parent: span })
  }
  return spans
}

/** A hex id of `length` characters that is as readable as its number. */
export function toHexId(number: number, length: number): string {
  return `c${number.toString(16).padStart(length - 1, '0')}`
}

/** Batches as the services would have exported them: one per resource. */
export function toBatches(spans: readonly SpanData[]): ExportBatch[] {
  const services = new Set(spans.map((span) => span.service))
  return [...services].map((service) => ({
    resource: toResource(service),
    spans: spans.filter((span) => span.service === service),
    logs: [],
    metrics: [],
  }))
}

interface SpanPlace {
  readonly traceId: string
  readonly spanId: string
  readonly startTime: number
  readonly parent: SpanData | undefined
}

function toSpan(sketch: SpanSketch, { traceId, spanId, startTime, parent }: SpanPlace): SpanData {
  const parentSpanId = parent?.spanId ?? sketch.parentSpanId
  const isRemote = parentSpanId !== undefined && parent?.service !== sketch.service
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    ...(isRemote ? { parentIsRemote: true } : {}),
    name: sketch.name,
    kind: sketch.kind ?? 'internal',
    service: sketch.service,
    startTime: startTime + sketch.at,
    duration: sketch.ms,
    status: sketch.failed === undefined ? 'unset' : 'error',
    ...(sketch.failed === undefined ? {} : { statusMessage: sketch.failed }),
    attributes: sketch.attributes ?? {},
    events: (sketch.events ?? []).map((event) => ({ ...event, time: startTime + event.time })),
    links: [],
    resource: toResource(sketch.service),
    flags: 3,
  }
}

function toResource(service: string): Resource {
  const known = resources.get(service)
  if (known) return known
  const resource = {
    attributes: { 'service.name': service, 'service.version': '1.4.2', 'deployment.environment.name': 'staging', 'process.pid': 4_711 },
  }
  resources.set(service, resource)
  return resource
}
