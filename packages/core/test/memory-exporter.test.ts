import { describe, expect, it } from 'vitest'
import type { ExportBatch } from '../src/exporter.js'
import { memoryExporter } from '../src/memory-exporter.js'
import type { SpanData } from '../src/span-data.js'

const resource = { attributes: { 'service.name': 'shop' } }
const signal = new AbortController().signal

function span(traceId: string, name: string): SpanData {
  return {
    traceId,
    spanId: '1'.repeat(16),
    name,
    kind: 'internal',
    service: 'shop',
    startTime: 0,
    duration: 1,
    status: 'unset',
    attributes: {},
    events: [],
    links: [],
    resource,
    flags: 1,
  }
}

function batch(...spans: SpanData[]): ExportBatch {
  return { resource, spans, logs: [], metrics: [] }
}

describe('memoryExporter', () => {
  it('keeps spans in the order they arrive, and finds those of a trace', async () => {
    const exporter = memoryExporter()
    expect(await exporter.export(batch(span('a', 'one'), span('b', 'two')), { signal })).toEqual({ ok: true })
    await exporter.export(batch(span('a', 'three')), { signal })
    expect(exporter.spans.map(({ name }) => name)).toEqual(['one', 'two', 'three'])
    expect(exporter.trace('a').map(({ name }) => name)).toEqual(['one', 'three'])
    expect(exporter.trace('c')).toEqual([])
  })

  it('keeps log lines beside them', async () => {
    const exporter = memoryExporter()
    const log = { traceId: 'a', time: 1, severityNumber: 9, body: 'hello', attributes: {} }
    await exporter.export({ resource, spans: [], logs: [log], metrics: [] }, { signal })
    expect(exporter.logs).toEqual([log])
    exporter.clear()
    expect(exporter.logs).toEqual([])
  })

  it('forgets everything on clear and goes on', async () => {
    const exporter = memoryExporter()
    const { spans } = exporter
    await exporter.export(batch(span('a', 'one')), { signal })
    exporter.clear()
    expect(exporter.spans).toEqual([])
    await exporter.export(batch(span('a', 'two')), { signal })
    expect(spans).toHaveLength(1)
  })
})
