import { honoTracing } from '@clew/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { announce } from './announce.js'
import { cached } from './cache.js'
import { query, sql } from './database.js'
import { log } from './log.js'

const app = new Hono()
app.use(honoTracing({ service: 'inventory' }))

app.get('/products/:sku', async (c) => {
  const [product] = await findProduct(c.req.param('sku'))
  return product === undefined ? c.json({ message: 'No such product' }, 404) : c.json(product)
})

app.post('/reservations', async (c) => {
  const { sku, order } = await c.req.json<{ sku: string; order: string }>()
  const [product] = await findProduct(sku)
  if (product === undefined) return c.json({ message: 'No such product' }, 404)
  await query(sql`INSERT INTO reservations VALUES (${order}, ${sku})`)
  log.info({ sku, order }, 'stock reserved')
  return c.json({ sku, order }, 201)
})

function findProduct(sku: string): Promise<readonly Readonly<Record<string, string>>[]> {
  return cached(`products:${sku}`, () => query(sql`SELECT * FROM products WHERE sku = ${sku}`))
}

announce(serve({ fetch: app.fetch, port: Number(process.env.PORT ?? '3003'), hostname: '127.0.0.1' }))
