import { nodeLabel, readAttribute, spanLabel, traceTree } from '@clew/analysis'
import type { Attributes, SpanData, SpanKind } from '@clew/core'
import { describe, expect, it } from 'vitest'
import { makeSpan } from './support/span-factory.js'

describe('spanLabel', () => {
  it.each<[expected: string, kind: SpanKind, name: string, attributes: Attributes]>([
    ['GET /orders/:id', 'server', 'GET /orders/:id', { 'http.request.method': 'GET', 'server.address': 'orders.internal' }],
    [
      'GET payments.internal',
      'client',
      'GET',
      { 'http.request.method': 'GET', 'server.address': 'payments.internal', 'server.port': 8080 },
    ],
    ['GET 127.0.0.1:4001', 'client', 'GET', { 'http.request.method': 'GET', 'server.address': '127.0.0.1', 'server.port': 4001 }],
    ['GET localhost:4001', 'client', 'GET', { 'http.request.method': 'GET', 'server.address': 'localhost', 'server.port': 4001 }],
    ['GET [::1]:4001', 'client', 'GET', { 'http.request.method': 'GET', 'server.address': '::1', 'server.port': 4001 }],
    [
      'GET orders.internal/orders/{id}',
      'client',
      'GET /orders/{id}',
      { 'http.request.method': 'GET', 'server.address': 'orders.internal' },
    ],
    [
      'GET orders.internal:8080',
      'client',
      'HTTP GET',
      { 'http.method': 'GET', 'http.url': 'http://user:secret@orders.internal:8080/orders?x=1' },
    ],
    ['POST mail', 'client', '', { 'http.request.method': 'POST', 'net.peer.name': 'mail' }],
    ['charge', 'client', 'charge', { 'http.request.method': 'POST', 'server.address': 'payments' }],
    ['GET', 'client', 'GET', { 'http.request.method': 'GET' }],
    ['SELECT orders', 'client', 'pg.query', { 'db.system.name': 'postgresql', 'db.query.summary': 'SELECT orders' }],
    ['pg.query', 'client', 'pg.query', { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1' }],
    ['(unnamed internal span)', 'internal', '', {}],
  ])('says %j for a %s span named %j', (expected, kind, name, attributes) => {
    expect(spanLabel(makeSpan('a', { kind, name, attributes }))).toBe(expected)
  })
})

describe('nodeLabel', () => {
  const call = (name: string, server: Attributes): SpanData =>
    makeSpan('a', { kind: 'client', service: 'gateway', name, attributes: { 'http.request.method': 'POST', ...server } })
  const label = (client: SpanData, ...below: SpanData[]): string => {
    const { roots } = traceTree({ spans: [client, ...below], root: client, inferredParents: {}, clockOffsets: {} })
    return nodeLabel(roots[0]!)
  }
  const server = (id: string, service: string): SpanData => makeSpan(id, { parentSpanId: 'a', kind: 'server', service })

  it.each<[expected: string, name: string, server: Attributes]>([
    ['POST orders', 'POST', { 'server.address': '127.0.0.1', 'server.port': 41_667 }],
    ['POST orders', 'POST', { 'server.address': 'localhost', 'server.port': 3_000 }],
    ['POST orders', 'POST', { 'server.address': '::1', 'server.port': 3_000 }],
    ['POST orders', 'HTTP POST', { 'url.full': 'http://10.0.0.7:8080/orders' }],
    ['POST orders/pay', 'POST /pay', { 'server.address': '10.0.0.7' }],
    ['POST /orders/{id}', 'POST /orders/{id}', { 'server.address': '10.0.0.7' }],
    ['POST orders.internal', 'POST', { 'server.address': 'orders.internal', 'server.port': 80 }],
    ['create order', 'create order', { 'server.address': '10.0.0.7' }],
  ])('says %j for a call named %j that %j answered as orders', (expected, name, address) => {
    expect(label(call(name, address), server('b', 'orders'))).toBe(expected)
  })

  it('keeps the address where nobody of another service answered, or more than one', () => {
    const client = call('POST', { 'server.address': '127.0.0.1', 'server.port': 4_001 })
    expect(label(client)).toBe('POST 127.0.0.1:4001')
    expect(label(client, makeSpan('b', { parentSpanId: 'a', kind: 'internal', service: 'orders' }))).toBe('POST 127.0.0.1:4001')
    expect(label(client, server('b', 'gateway'))).toBe('POST 127.0.0.1:4001')
    expect(label(client, server('b', 'orders'), server('c', 'payments'))).toBe('POST 127.0.0.1:4001')
    expect(label(client, server('b', 'orders'), server('c', 'orders'))).toBe('POST orders')
  })
})

describe('readAttribute', () => {
  it('reads older names by the stable one, which wins', () => {
    expect(readAttribute({ 'http.status': 404 }, 'http.response.status_code')).toBe(404)
    expect(readAttribute({ 'http.status': 404, 'http.status_code': 500 }, 'http.response.status_code')).toBe(500)
    expect(readAttribute({ 'http.response.status_code': 200, 'http.status_code': 500 }, 'http.response.status_code')).toBe(200)
    expect(readAttribute({ 'db.type': 'redis' }, 'db.system.name')).toBe('redis')
    expect(readAttribute({ 'db.statement': 'GET ?' }, 'db.query.text')).toBe('GET ?')
  })

  it('finds nothing under names that objects have by nature', () => {
    expect(readAttribute({}, 'constructor')).toBeUndefined()
    expect(readAttribute({}, '__proto__')).toBeUndefined()
  })
})
