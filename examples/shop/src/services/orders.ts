import { randomUUID } from 'node:crypto'
import { json } from 'node:stream/consumers'
import { koaTracing, withSpan } from '@clew/koa'
import Router from '@koa/router'
import Koa from 'koa'
import { announce } from './announce.js'
import { call } from './call.js'
import { query, sql } from './database.js'
import { log } from './log.js'
import { enqueue } from './queue.js'

const { PORT = '3002', STOCK_URL = 'http://localhost:3005', PAYMENTS_URL = 'http://localhost:3004' } = process.env

interface Cart {
  readonly customer: string
  readonly sku: string
  readonly price: number
  readonly card: string
  readonly coupon?: string
}

const router = new Router()

router.get('/orders/:id', async (ctx) => {
  const [order] = await query(sql`SELECT * FROM orders WHERE id = ${ctx.params.id ?? ''}`)
  if (order === undefined) ctx.throw(404, 'No such order')
  ctx.body = order
})

router.post('/orders', async (ctx) => {
  const cart = (await json(ctx.req)) as Cart
  const id = randomUUID()
  const total = await priceCart(cart)
  await call(`${STOCK_URL}/reservations`, { method: 'POST', body: { sku: cart.sku, order: id } })
  await call(`${PAYMENTS_URL}/charges`, { method: 'POST', body: { order: id, card: cart.card, total } })
  await query(sql`INSERT INTO orders VALUES (${id}, ${cart.customer}, ${cart.sku}, ${String(total)})`)
  await enqueue('receipts', { order: id, customer: cart.customer, total })
  log.info({ order: id, total }, 'order placed')
  ctx.status = 201
  ctx.body = { id, total }
})

/** Loyal customers pay less. Nobody has made an index on `customer`, so the database reads every order there ever was. */
function priceCart({ customer, price, coupon }: Cart): Promise<number> {
  return withSpan('price cart', { attributes: { 'shop.coupon': coupon ?? 'none' } }, async () => {
    if (coupon !== 'LOYAL') return price
    const earlier = await query(sql`SELECT * FROM orders WHERE customer = ${customer}`)
    return price * (earlier.length >= 10 ? 0.9 : 1)
  })
}

const app = new Koa()
app.use(koaTracing({ service: 'orders' }))
app.use(router.routes())
app.on('error', (error: Error) => log.error(error, 'order failed'))

announce(app.listen(Number(PORT), '127.0.0.1'))
