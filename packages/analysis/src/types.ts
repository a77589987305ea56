import type { SpanData } from '@clew/core'

/**
 * Where a trace stands; the first that holds:
 *
 * - `running`: the root is unfinished (`clew.unfinished`).
 * - `failed`: the root failed, or a consumer did. An error that was handled on its way up is `hasErrors`, not this.
 * - `responded`: the root has ended while spans are missing: a parent below it was not recorded, or a span is unfinished.
 * - `queued`: a producer span whose consumer has not been seen.
 * - `completed`: none of these.
 */
export type TraceState = 'running' | 'responded' | 'queued' | 'completed' | 'failed'

/** What had to be handled while spans were joined into a trace. Nothing is repaired in silence. */
export interface TraceIssue {
  readonly kind:
    | 'late'
    | 'missing-parent'
    | 'inferred-parent'
    | 'duplicate'
    | 'multiple-roots'
    | 'clock-skew'
    | 'cycle'
    | 'unfinished'
    | 'incomplete'
    | 'invalid-time'
  /** One plain sentence. */
  readonly message: string
  /** At most 100; `evidence.count` says how many there are. */
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
  /**
   * The span that began it all: of those without a parent and the entries whose caller was not recorded (a browser, a gateway), the
   * earliest, and of several that began at once the longest. Where there is neither, the earliest that has nothing above it.
   */
  readonly root: SpanData
  /** Parents that were inferred rather than recorded: span id of the child to span id of the parent. */
  readonly inferredParents: Readonly<Record<string, string>>
  /**
   * Milliseconds to add to a service's clock, where its clock was found to differ. Recorded times are left as they are.
   * Where several instances of a service took part, each has a clock of its own: `service@service.instance.id`.
   */
  readonly clockOffsets: Readonly<Record<string, number>>
  /** The first start of all, clock offsets applied; as a rule the root's. */
  readonly startTime: number
  /** The root's. */
  readonly duration: number
  /** From the first start to the latest end, clock offsets applied. */
  readonly totalDuration: number
  /** In the order of their first spans. */
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
  /** Start time with the clock offset of its service applied; the parent's where none was recorded. */
  readonly startTime: number
  /** The span's duration; 0 where what was recorded is not one. */
  readonly duration: number
  /** Milliseconds in which none of its children ran. Never negative. */
  readonly selfTime: number
}

/** The spans of a trace in their places. */
export interface TraceTree {
  /** In time order: the trace's root, and what hangs under nothing. */
  readonly roots: readonly SpanNode[]
  /** Every node by its span, from top to bottom: a parent before its children, children in time order. */
  readonly nodes: ReadonlyMap<SpanData, SpanNode>
}

/** A stretch of the critical path: the time the request was really waiting for this span itself. */
export interface PathStretch {
  readonly spanId: string
  readonly service: string
  readonly startTime: number
  readonly duration: number
}

/** What one service contributed. Self times and path times are milliseconds. */
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
  /** The spans it is about, at most 100 of one operation; the one to look at comes first. */
  readonly spanIds: readonly string[]
  readonly evidence: Readonly<Record<string, number | string>>
}

/** What `analyzeTrace` found. `findings` begins with the most telling one. */
export interface TraceAnalysis {
  readonly criticalPath: readonly PathStretch[]
  readonly breakdown: readonly BreakdownRow[]
  readonly findings: readonly Finding[]
}
