// A service that calls itself: two server spans, one trace.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { createTracer, expressErrors, expressTracing, tracedFetch, withSpan } from '@clew/express'
import { createLogger } from '@clew/pino'
import express from 'express'

createTracer({ service: 'example-express' })
const logger = createLogger()
const app = express()
app.use(expressTracing())

app.get('/prices/:item', async (req, res) => {
  const price = await withSpan('look up price', async (span) => {
    span.setAttribute('item', req.params.item)
    await delay(5)
    return 42
  })
  res.json({ price })
})

app.get('/orders/:item', async (req, res) => {
  const answer = await tracedFetch(`http://localhost:${req.socket.localPort}/prices/${req.params.item}`)
  logger.info({ item: req.params.item }, 'ordered')
  res.json(await answer.json())
})

app.use(expressErrors())
const server = app.listen(Number(process.env.PORT ?? 3000))
await once(server, 'listening')
console.log(`http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/orders/tea`)
