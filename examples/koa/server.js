// A service that calls itself: two server spans, one trace.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { createTracer, koaTracing, tracedFetch, withSpan } from '@clew/koa'
import { createLogger } from '@clew/pino'
import Router from '@koa/router'
import Koa from 'koa'

createTracer({ service: 'example-koa' })
const logger = createLogger()
const router = new Router()

router.get('/prices/:item', async (ctx) => {
  ctx.body = await withSpan('look up price', async (span) => {
    span.setAttribute('item', ctx.params.item)
    await delay(5)
    return { price: 42 }
  })
})

router.get('/orders/:item', async (ctx) => {
  const answer = await tracedFetch(`http://localhost:${ctx.req.socket.localPort}/prices/${ctx.params.item}`)
  logger.info({ item: ctx.params.item }, 'ordered')
  ctx.body = await answer.json()
})

const app = new Koa().use(koaTracing()).use(router.routes())
const server = app.listen(Number(process.env.PORT ?? 3000))
await once(server, 'listening')
console.log(`http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/orders/tea`)
