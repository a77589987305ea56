import { describe, expect, it } from 'vitest'
import { consoleExporter } from '../src/console-exporter.js'
import type { SpanData } from '../src/span-data.js'

const resource = { attributes: { 'service.name': 'shop' } }

function span(fields: Partial<SpanData>): SpanData {
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '1'.repeat(16), name: 'work', kind: 'internal', service: 'shop', startTime: Date.UTC(2026, 0, 1, 12, 30, 1, 250),
    duration: 18.2, status: 'unset', attributes: {}, events: [], links: [], resource, flags: 1, ...fields,
  } // prettier-ignore
}

async function print(...spans: SpanData[]): Promise<string[]> {
  const lines: string[] = []
  const exporter = consoleExporter({ write: (line) => lines.push(line) })
  expect(await exporter.export({ resource, spans, logs: [], metrics: [] }, { signal: new AbortController().signal })).toEqual({ ok: true })
  await exporter.close()
  return lines
}

describe('consoleExporter', () => {
  it('writes one line per span with time, duration, trace, service and name', async () => {
    expect(await print(span({}))).toEqual(['12:30:01.250   18.2 ms  4bf92f35  shop  work'])
  })

  it('tells the error and the attributes', async () => {
    const [line] = await print(span({ status: 'error', statusMessage: 'timeout', attributes: { a: 1 } }))
    expect(line).toMatch(/work {2}ERROR timeout {2}\{"a":1\}$/)
    expect((await print(span({ status: 'error' })))[0]).toMatch(/work {2}ERROR$/)
  })

  it('puts children under their parents although they end first', async () => {
    const root = span({ spanId: 'a', name: 'root' })
    const child = span({ spanId: 'b', parentSpanId: 'a', name: 'child', startTime: root.startTime + 1 })
    const grandchild = span({ spanId: 'c', parentSpanId: 'b', name: 'grandchild', startTime: root.startTime + 2 })
    const other = span({ traceId: 'other', spanId: 'd', parentSpanId: 'remote', name: 'other' })
    const names = (await print(grandchild, other, child, root)).map((line) => line.split('  shop  ')[1])
    expect(names).toEqual(['root', '  child', '    grandchild', 'other'])
  })

  it('prints spans that are each other parents', async () => {
    expect(await print(span({ spanId: 'a', parentSpanId: 'b' }), span({ spanId: 'b', parentSpanId: 'a' }))).toHaveLength(2)
  })

  it('lets no control character through to the terminal', async () => {
    const [line] = await print(span({ name: 'a\n\u001b[31m\u009b', attributes: { b: '\u009b' } }))
    expect(line).toContain('a\\x0a\\x1b[31m\\x9b')
    expect(line).not.toMatch(/\p{Cc}/u)
  })
})
