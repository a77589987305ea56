import { describe, expect, test } from 'vitest'
import { connectRaw } from '../raw-socket.js'
import type { ConformingAdapter, Handler } from './app-spec.js'
import { type RunningApp, runApp } from './harness.js'

const handler: Handler = () => ({ body: 'ok' })

function capturing(adapter: ConformingAdapter, captureRequestHeaders: readonly string[]): Promise<RunningApp> {
  return runApp(adapter, { options: { captureRequestHeaders }, routes: [{ path: '/', handler }] })
}

/** What is recorded of the headers of a request. */
export function describeRequestHeaders(adapter: ConformingAdapter): void {
  describe('captureRequestHeaders', () => {
    test('records names in any case, and none that did not come', async () => {
      await using app = await capturing(adapter, ['X-TENANT', 'x-Absent', 'Accept-Language'])
      await app.get('/', { headers: { 'x-tenant': 'acme', 'Accept-Language': 'de, en' } })
      const { attributes } = await app.onlySpan()
      const recorded = Object.entries(attributes).filter(([name]) => name.startsWith('http.request.header.'))
      expect(Object.fromEntries(recorded)).toEqual({
        'http.request.header.x-tenant': ['acme'],
        'http.request.header.accept-language': ['de, en'],
      })
    })

    test('records what was sent in several lines', async () => {
      await using app = await capturing(adapter, ['x-tenant'])
      await using socket = await connectRaw(app.port)
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Tenant: one\r\nx-tenant: two\r\n\r\n')
      await socket.responses(1)
      expect((await app.onlySpan()).attributes['http.request.header.x-tenant']).toEqual(['one, two'])
    })

    test('masks secrets, wherever they are looked at', async () => {
      await using app = await capturing(adapter, ['Authorization', 'Cookie', 'X-Api-Key', 'X-Contact'])
      const headers = { authorization: 'Bearer s3cret', cookie: 'sid=s3cret', 'x-api-key': 's3cret', 'x-contact': 's3cret@shop.example' }
      await app.get('/', { headers })
      const span = await app.onlySpan()
      await app.capture.tracer.flush()
      expect(Object.keys(span.attributes).filter((name) => name.startsWith('http.request.header.'))).toHaveLength(4)
      expect(JSON.stringify([span, app.capture.exporter.spans])).not.toContain('s3cret')
    })
  })
}
