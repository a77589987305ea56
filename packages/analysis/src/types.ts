import type { SpanData } from '@clew/core'

/** Where a trace stands. `queued`: a producer span whose consumer has not been seen; `responded`: the root has ended while spans are missing. */
export type TraceState = 'running' | 'responded' | 'queued' | 'completed' | 'failed'

/** What had to be handled while spans were joined into a trace. Nothing is repaired in silence. */
export interface TraceIssue {
  readonly kind: 'late' | 'missing-parent' | 'inferred-parent' | 'duplicate' | 'multiple-roots' | 'clock-skew' | 'cycle' | 'unfinished'
  /** One plain sentence. */
  readonly message: string
  readonly spanIds: readonly string[]
  readonly evidence: Readonly<Record<string, number | string>>
}

/** One service's part in a trace. */
export interface TraceService {
  readonly name: string
  readonly spanCount: number
  readonly errorCount: number
}

/** The spans of one request, joined over all services. Plain data: it survives JSON. */
export interface Trace {
  readonly traceId: string
  /** The id as it was received, where a caller sent one that is not a trace id. */
  readonly externalId?: string
  /** By start time, each span once. */
  readonly spans: readonly SpanData[]
  /** The span that began it all: the one without a parent, else the earliest local root. */
  readonly root: SpanData
  /** Parents that were inferred rather than recorded: span id of the child to span id of the parent. */
  readonly inferredParents: Readonly<Record<string, string>>
  /** Milliseconds to add to a service's clock, where its clock was found to differ. Recorded times are left as they are. */
  readonly clockOffsets: Readonly<Record<string, number>>
  readonly startTime: number
  /** The root's. */
  readonly duration: number
  /** From the first start to the latest end. */
  readonly totalDuration: number
  readonly services: readonly TraceService[]
  readonly hasErrors: boolean
  readonly state: TraceState
  readonly issues: readonly TraceIssue[]
}

/** A span in its place in the tree. */
export interface SpanNode {
  readonly span: SpanData
  readonly parent?: SpanNode
  /** By start time. */
  readonly children: readonly SpanNode[]
  readonly depth: number
  /** How the place was found. `orphan`: the recorded parent is not there. */
  readonly place: 'root' | 'recorded' | 'inferred' | 'orphan'
  /** Start time with the clock offset of its service applied. */
  readonly startTime: number
  /** Milliseconds in which none of its children ran. Never negative. */
  readonly selfTime: number
}

/** A stretch of the critical path: the time the request was really waiting for this span itself. */
export interface PathStretch {
  readonly spanId: string
  readonly startTime: number
  readonly duration: number
}

/** What one service, or one operation of it, contributed. Self times and path times are milliseconds. */
export interface BreakdownRow {
  readonly service: string
  readonly spanCount: number
  readonly errorCount: number
  readonly selfTime: number
  /** Its part of the critical path. */
  readonly pathTime: number
  /** `pathTime` over the trace's duration, 0 to 1. */
  readonly share: number
}

/** Something a person should know about the trace. */
export interface Finding {
  readonly kind: 'bottleneck' | 'root-cause' | 'incomplete' | 'clock-skew'
  readonly severity: 'info' | 'warning' | 'error'
  /** One plain sentence: `orders: 2,412 of 2,500 ms (96 %), in SELECT orders`. */
  readonly message: string
  /** The spans it is about; the one to look at first. */
  readonly spanIds: readonly string[]
  readonly evidence: Readonly<Record<string, number | string>>
}

/** What `analyzeTrace` found. `findings` begins with the most telling one. */
export interface TraceAnalysis {
  readonly criticalPath: readonly PathStretch[]
  readonly breakdown: readonly BreakdownRow[]
  readonly findings: readonly Finding[]
}
