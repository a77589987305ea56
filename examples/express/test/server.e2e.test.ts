import { startProcess } from '@clew/testkit'
import { expect, test } from 'vitest'

test('an order is answered and logged with one trace id', async () => {
  await using service = await startProcess(new URL('../server.js', import.meta.url))
  const response = await fetch(service.url)
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ price: 42 })
  const traceId = response.headers.get('x-trace-id')
  expect(traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(await service.logLine('ordered')).toMatchObject({ item: 'tea', trace_id: traceId, service: 'example-express' })
})
