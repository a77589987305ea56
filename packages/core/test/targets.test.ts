import { describe, expect, it } from 'vitest'
import { compileTargets } from '../src/targets.js'

const fails = (error: unknown): never => {
  throw error
}
const takes = (target: string | RegExp, url: string): boolean => compileTargets([target])(new URL(url), fails).send

describe('a target', () => {
  it.each([
    ['orders.internal', 'http://orders.internal/a', 'https://orders.internal:8443/', 'HTTP://Orders.Internal/'],
    ['Orders.Internal', 'http://orders.internal/a'],
    ['orders.internal:8080', 'http://orders.internal:8080/'],
    ['orders.internal:80', 'http://orders.internal/', 'http://orders.internal:80/'],
    ['orders.internal:443', 'https://orders.internal/'],
    ['order_service', 'http://order_service/', 'http://order_service:3000/a'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['http://orders.internal', 'http://orders.internal/', 'http://ORDERS.internal:80/a?b=c'],
    ['https://orders.internal/v1', 'https://orders.internal/v1', 'https://orders.internal/v1/a', 'https://orders.internal/v1?x=1'],
    ['https://orders.internal/v1/', 'https://orders.internal/v1/a'],
  ])('%s is met', (target, ...urls) => {
    for (const url of urls) expect([url, takes(target, url)]).toEqual([url, true])
  })

  it.each([
    ['orders.internal', 'http://orders.internal.attacker.net/', 'http://a.orders.internal/', 'http://attacker.net/?orders.internal'],
    ['orders.internal:8080', 'http://orders.internal/', 'http://orders.internal:18080/'],
    ['orders.internal:80', 'https://orders.internal/', 'http://orders.internal:8080/'],
    ['http://orders.internal', 'http://orders.internal@attacker.net/', 'https://orders.internal/', 'http://orders.internal:8080/'],
    ['https://orders.internal/v1', 'https://orders.internal/v1beta', 'https://orders.internal/V1', 'https://orders.internal/'],
  ])('%s is not met by others', (target, ...urls) => {
    for (const url of urls) expect([url, takes(target, url)]).toEqual([url, false])
  })

  it.each([
    '',
    '/api',
    'orders.internal/v1',
    'localhost:3000/v1',
    'mailto:jo@shop.example',
    '::1',
    'ws://orders.internal',
    '*.internal',
    'http://',
  ])('that nothing could meet throws: %j', (target) => {
    expect(() => compileTargets([target])).toThrow('propagation.targets[0]')
  })
})
