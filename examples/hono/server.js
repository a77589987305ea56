// A service that calls itself: two server spans, one trace.
import { setTimeout as delay } from 'node:timers/promises'
import { createTracer, honoTracing, tracedFetch, withSpan } from '@clew/hono'
import { createLogger } from '@clew/pino'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

createTracer({ service: 'example-hono' })
const logger = createLogger()
const app = new Hono()
app.use(honoTracing())

app.get('/prices/:item', async (c) => {
  const price = await withSpan('look up price', async (span) => {
    span.setAttribute('item', c.req.param('item'))
    await delay(5)
    return 42
  })
  return c.json({ price })
})

app.get('/orders/:item', async (c) => {
  const answer = await tracedFetch(new URL(`/prices/${c.req.param('item')}`, c.req.url))
  logger.info({ item: c.req.param('item') }, 'ordered')
  return c.json(await answer.json())
})

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) => console.log(`http://localhost:${port}/orders/tea`))
