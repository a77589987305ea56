// What the signatures of @clew/hono allow and refuse. It is compiled, never run.
import { Hono } from 'hono'
import { expectTypeOf } from 'vitest'
import { honoTracing } from '../../src/index.js'
import type { RequestTrace, TraceVariables } from '../../src/index.js'

new Hono().use(honoTracing({ service: 'auth' })).get('/', (c) => {
  expectTypeOf(c.get('trace')).toEqualTypeOf<RequestTrace>()
  expectTypeOf(c.get('traceId')).toEqualTypeOf<string>()
  // @ts-expect-error there is no such variable
  c.get('traceID')
  return c.text(c.get('spanId'))
})
const app = new Hono<{ Variables: TraceVariables }>()
app.use(honoTracing())
app.get('/', (c) => c.text(c.get('traceId')))
// @ts-expect-error there is no such option
honoTracing({ servce: 'auth' })
// @ts-expect-error it makes the middleware
app.use(honoTracing)
