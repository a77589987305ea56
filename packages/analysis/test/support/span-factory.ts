import type { Attributes, Resource, SpanData, SpanEvent } from '@clew/core'
import { traceTree } from '@clew/analysis'
import type { SpanNode, Trace } from '@clew/analysis'

/** What a hand-made span can say; the rest is filled in. Times are milliseconds from `T0`. */
export interface SpanPlan extends Partial<Omit<SpanData, 'startTime' | 'duration' | 'resource'>> {
  readonly at?: number
  readonly lasts?: number
  readonly instance?: string
}

/** A branch of a hand-made trace: [name, plan, children]. Ids are made from names, so each name stands once. */
export type Branch = readonly [name: string, plan: SpanPlan, children?: readonly Branch[]]

/** A moment on which milliseconds are whole numbers. */
export const T0 = 1_800_000_000_000

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'

const resources = new Map<string, Resource>()

export function makeSpan(spanId: string, { at = 0, lasts = 1, instance, ...plan }: SpanPlan = {}): SpanData {
  const service = plan.service ?? 'api'
  return {
    traceId: TRACE_ID,
    spanId,
    name: spanId,
    kind: 'internal',
    status: 'unset',
    attributes: {},
    events: [],
    links: [],
    flags: 1,
    ...plan,
    service,
    resource: makeResource(service, instance),
    startTime: T0 + at,
    duration: lasts,
  }
}

/** Turns a tree into its spans. Children inherit the service; a server span under a client one is marked as remote. */
export function makeSpans(branch: Branch, parent?: SpanData): SpanData[] {
  const [name, plan, children = []] = branch
  const inherited = parent ? { service: parent.service, parentSpanId: parent.spanId } : {}
  const remote = parent && plan.service !== undefined && plan.service !== parent.service ? { parentIsRemote: true } : {}
  const span = makeSpan(name, { ...inherited, ...remote, ...plan })
  return [span, ...children.flatMap((child) => makeSpans(child, span))]
}

/** A database call. */
export function db(summary: string): { kind: 'client'; attributes: Attributes } {
  return { kind: 'client', attributes: { 'db.system.name': 'postgresql', 'db.query.summary': summary } }
}

/** An outgoing HTTP call. */
export function call(host: string): { kind: 'client'; name: string; attributes: Attributes } {
  return { kind: 'client', name: 'GET', attributes: { 'http.request.method': 'GET', 'server.address': host } }
}

/** The event that a thrown error leaves on a span, and the status. */
export function thrown(type: string, message: string): { status: 'error'; attributes: Attributes; events: SpanEvent[] } {
  const attributes = { 'exception.type': type, 'exception.message': message }
  return { status: 'error', attributes: { 'error.type': type }, events: [{ name: 'exception', time: T0, attributes }] }
}

/** The nodes of a trace by span id. */
export function nodesById(trace: Trace): Map<string, SpanNode> {
  return new Map([...traceTree(trace).nodes.values()].map((node) => [node.span.spanId, node]))
}

/** The parents of a trace's spans by span id. */
export function parentsById(trace: Trace): Record<string, string | undefined> {
  return Object.fromEntries([...nodesById(trace)].map(([id, node]) => [id, node.parent?.span.spanId]))
}

function makeResource(service: string, instance: string | undefined): Resource {
  const key = `${service}@${instance ?? ''}`
  const resource = resources.get(key) ?? {
    attributes: { 'service.name': service, ...(instance === undefined ? {} : { 'service.instance.id': instance }) },
  }
  resources.set(key, resource)
  return resource
}
