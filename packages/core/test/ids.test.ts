import { describe, expect, it } from 'vitest'
import { createIdGenerator, randomUuid } from '../src/ids.js'

describe('ids', () => {
  it('are lower-case hex of the right length, and differ', () => {
    const ids = createIdGenerator()
    const traceIds = Array.from({ length: 5000 }, () => ids.traceId())
    const spanIds = Array.from({ length: 5000 }, () => ids.spanId())
    expect(new Set(traceIds).size).toBe(5000)
    expect(new Set(spanIds).size).toBe(5000)
    expect(traceIds.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true)
    expect(spanIds.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true)
  })

  it('are never all zero, which would be invalid', () => {
    const ids = createIdGenerator((bytes) => bytes.fill(0))
    expect([/^0+$/.test(ids.traceId()), /^0+$/.test(ids.spanId())]).toEqual([false, false])
  })

  it('come from the given source', () => {
    let n = 0
    const ids = createIdGenerator((bytes) => bytes.forEach((_, i) => (bytes[i] = n++ % 256)))
    expect(ids.traceId()).toBe('000102030405060708090a0b0c0d0e0f')
    expect(ids.spanId()).toBe('1011121314151617')
  })

  it('are UUIDs of version 4 where one is asked for', () => {
    expect(randomUuid((bytes) => bytes.fill(0xff))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff')
    expect(randomUuid((bytes) => bytes.fill(0))).toBe('00000000-0000-4000-8000-000000000000')
    expect(randomUuid()).not.toBe(randomUuid())
  })
})
