import { readAttribute, spanLabel } from '@clew/analysis'
import type { Attributes, SpanKind } from '@clew/core'
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
