import { analyzeTrace, joinTrace } from '@clew/analysis'
import type { SpanData } from '@clew/core'
import { describe, expect, test } from 'vitest'
import { createTraceModel, listRows, unfoldTo } from '../src/trace-model.js'
import type { TraceModel } from '../src/trace-model.js'
import { drawTrace } from './shop-spans.js'
import type { SpanSketch } from './shop-spans.js'
import { failedTrace, slowTrace } from './shop-traces.js'

function modelOf(spans: readonly SpanData[]): TraceModel {
  const trace = joinTrace(spans)
  return createTraceModel({ trace, analysis: analyzeTrace(trace) })
}

function names(model: TraceModel, collapsed: Iterable<string> = []): string[] {
  return listRows(model, new Set(collapsed)).map((node) => node.span.name)
}

function keyOf(model: TraceModel, name: string): string {
  return [...model.nodes].find(([, node]) => node.span.name === name)![0]
}

const family: SpanSketch = {
  service: 'a',
  name: 'root',
  at: 0,
  ms: 100,
  children: [
    { service: 'a', name: 'first', at: 1, ms: 40, children: [{ service: 'a', name: 'first child', at: 2, ms: 10, failed: 'no' }] },
    { service: 'a', name: 'second', at: 50, ms: 40, children: [{ service: 'a', name: 'second child', at: 51, ms: 10 }] },
  ],
}

describe('the rows', () => {
  const model = modelOf(drawTrace('ab'.repeat(16), 1_000, [family]))

  test('are the tree from top to bottom', () => {
    expect(names(model)).toEqual(['root', 'first', 'first child', 'second', 'second child'])
  })

  test('leave out what lies below a folded one', () => {
    expect(names(model, [keyOf(model, 'first')])).toEqual(['root', 'first', 'second', 'second child'])
    expect(names(model, [keyOf(model, 'root')])).toEqual(['root'])
  })

  test('show a span again when the way to it is unfolded, and only that way', () => {
    const folded = new Set(['root', 'first', 'second'].map((name) => keyOf(model, name)))
    const unfolded = unfoldTo(model, model.nodes.get(keyOf(model, 'second child'))!, folded)
    expect(names(model, unfolded)).toEqual(['root', 'first', 'second', 'second child'])
  })

  test('know what is hidden below them', () => {
    const below = (name: string): unknown => model.below.get(model.nodes.get(keyOf(model, name))!)
    expect(below('root')).toEqual({ spans: 4, errors: 1 })
    expect(below('second')).toEqual({ spans: 1, errors: 0 })
    expect(below('first child')).toEqual({ spans: 0, errors: 0 })
  })
})

test('a trace of thousands of nested spans is walked to its end', () => {
  let sketch: SpanSketch = { service: 'a', name: 'leaf', at: 0, ms: 1 }
  for (let depth = 0; depth < 20_000; depth += 1) sketch = { service: 'a', name: 'level', at: 0, ms: 1, children: [sketch] }
  const model = modelOf(drawTrace('ab'.repeat(16), 0, [sketch]))
  expect(names(model)).toHaveLength(20_001)
  expect(model.below.get(model.roots[0]!)).toEqual({ spans: 20_000, errors: 0 })
})

test('the span to look at first is the one that the first finding is about', () => {
  const slow = modelOf(slowTrace(1_000))
  expect(slow.nodes.get(slow.firstId)?.span.name).toBe('SELECT orders')
  expect(slow.bottleneck?.span.name).toBe('SELECT orders')
})

test('a failed trace has its errors in the order of the rows and knows where they began', () => {
  const failed = modelOf(failedTrace(1_000))
  expect(failed.errors.map((node) => node.span.service)).toEqual(['gateway', 'gateway', 'orders', 'orders', 'payments', 'payments'])
  expect(failed.rootCause?.span.name).toBe('charge card')
})

test('two spans that share an id have keys of their own', () => {
  const [client, server] = drawTrace('ab'.repeat(16), 0, [
    { service: 'a', name: 'GET', kind: 'client', at: 0, ms: 9, children: [{ service: 'b', name: 'GET /', kind: 'server', at: 1, ms: 7 }] },
  ])
  const model = modelOf([client!, { ...server!, spanId: client!.spanId }])
  expect(new Set(model.keys.values()).size).toBe(2)
  expect(names(model)).toEqual(['GET', 'GET /'])
})

test('the time axis reaches from the first start to the latest end', () => {
  const model = modelOf(failedTrace(5_000))
  expect(model.startTime).toBe(5_000)
  expect(model.endTime).toBe(5_261)
})
