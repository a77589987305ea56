import type { Finding, Trace, TraceAnalysis } from '@clew/analysis'
import type { Attributes, SpanData } from '@clew/core'

/** When the traces of these tests began. */
export const T0: number = Date.UTC(2025, 10, 21, 7, 39, 12, 100)

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'

/** A span in short: `[id, parent, service, name, start after T0, duration]`. */
export type ShortSpan = readonly [id: string, parent: string, service: string, name: string, start: number, duration: number]

/** Makes a span; the ids are padded with zeros. */
export function createSpan([id, parent, service, name, start, duration]: ShortSpan, more: Partial<SpanData> = {}): SpanData {
  return {
    traceId: TRACE_ID,
    spanId: id.padStart(16, '0'),
    ...(parent === '' ? {} : { parentSpanId: parent.padStart(16, '0') }),
    name,
    kind: 'internal',
    service,
    startTime: T0 + start,
    duration,
    status: 'unset',
    attributes: {},
    events: [],
    links: [],
    resource: { attributes: { 'service.name': service } },
    flags: 1,
    ...more,
  }
}

/** What makes a span a failed one. */
export function failure(message: string, attributes: Attributes = {}): Pick<SpanData, 'status' | 'statusMessage' | 'attributes'> {
  return { status: 'error', statusMessage: message, attributes }
}

/** Makes a trace of spans, the first of which is its root. */
export function createTrace(spans: readonly SpanData[], more: Partial<Trace> = {}): Trace {
  const [root] = spans
  if (root === undefined) throw new Error('a trace needs a span')
  const names = [...new Set(spans.map((span) => span.service))]
  const end = Math.max(...spans.map((span) => span.startTime + span.duration))
  return {
    traceId: TRACE_ID,
    spans,
    root,
    inferredParents: {},
    clockOffsets: {},
    startTime: root.startTime,
    duration: root.duration,
    totalDuration: end - root.startTime,
    services: names.map((name) => ({
      name,
      spanCount: spans.filter((span) => span.service === name).length,
      errorCount: spans.filter((span) => span.service === name && span.status === 'error').length,
    })),
    hasErrors: spans.some((span) => span.status === 'error'),
    state: spans.some((span) => span.status === 'error') ? 'failed' : 'completed',
    issues: [],
    ...more,
  }
}

/** Makes an analysis with these findings only. */
export function createAnalysis(...findings: Finding[]): TraceAnalysis {
  return { criticalPath: [], breakdown: [], findings }
}

/** A finding about one span. */
function createFinding(kind: Finding['kind'], severity: Finding['severity'], message: string, ...ids: string[]): Finding {
  return { kind, severity, message, spanIds: ids.map((id) => id.padStart(16, '0')), evidence: {} }
}

/** A checkout that waits for the database. */
export function slowCheckout(): { trace: Trace; analysis: TraceAnalysis } {
  const ok = { 'http.response.status_code': 200 }
  const trace = createTrace([
    createSpan(['1', '', 'gateway', 'POST /checkout', 0, 2565], { kind: 'server', attributes: ok }),
    createSpan(['2', '1', 'gateway', 'GET', 2, 10], {
      kind: 'client',
      attributes: { 'http.request.method': 'GET', 'server.address': 'auth' },
    }),
    createSpan(['3', '2', 'auth', 'GET /verify', 3, 8], { kind: 'server' }),
    createSpan(['4', '1', 'gateway', 'POST', 13, 2502], {
      kind: 'client',
      attributes: { 'http.request.method': 'POST', 'server.address': 'orders' },
    }),
    createSpan(['5', '4', 'orders', 'POST /orders', 14, 2500], { kind: 'server' }),
    createSpan(['6', '5', 'orders', 'SELECT', 40, 2412], {
      kind: 'client',
      attributes: { 'db.system.name': 'postgresql', 'db.query.summary': 'SELECT orders' },
    }),
    createSpan(['7', '5', 'orders', 'SET', 2460, 0.8], {
      kind: 'client',
      attributes: { 'db.system.name': 'redis', 'db.query.summary': 'SET order' },
    }),
    createSpan(['8', '1', 'payments', 'POST /charge', 2516, 48], { kind: 'server' }),
  ])
  return {
    trace,
    analysis: createAnalysis(createFinding('bottleneck', 'warning', 'orders: 2,412 of 2,565 ms (94 %), in `SELECT orders`', '6')),
  }
}

/** A checkout that fails in payments, with a hop that recorded nothing and a span whose parent never came. */
export function failingCheckout(): { trace: Trace; analysis: TraceAnalysis } {
  const status = (code: number): Attributes => ({ 'http.response.status_code': code, 'error.type': String(code) })
  const trace = createTrace(
    [
      createSpan(['1', '', 'gateway', 'POST /checkout', 0, 120], { kind: 'server', ...failure('', status(502)), statusMessage: '' }),
      createSpan(['2', '1', 'gateway', 'POST', 5, 110], {
        kind: 'client',
        ...failure('', { ...status(500), 'http.request.method': 'POST', 'server.address': 'payments' }),
      }),
      createSpan(['3', 'a', 'payments', 'POST /charge', 10, 100], {
        kind: 'server',
        ...failure('card declined', { 'error.type': 'CardError' }),
      }),
      createSpan(['4', '3', 'payments', 'charge card', 12, 4], failure('card declined', { 'error.type': 'CardError' })),
      createSpan(['5', '9', 'notifier', 'send mail', 150, 30], { kind: 'consumer' }),
    ],
    {
      externalId: 'abc-123',
      inferredParents: { '0000000000000003': '0000000000000002' },
      issues: [
        {
          kind: 'missing-parent',
          message: 'The parent of notifier send mail was not recorded.',
          spanIds: ['0000000000000005'],
          evidence: {},
        },
      ],
    },
  )
  return {
    trace,
    analysis: createAnalysis(
      createFinding('root-cause', 'error', 'payments: CardError: card declined, in `charge card`; passed up to gateway', '4'),
    ),
  }
}
