import { expressErrors, expressTracing } from '@clew/express'
import express, { type NextFunction, type Request, type Response } from 'express'
import { announce } from './announce.js'
import { call } from './call.js'
import { log } from './log.js'

const {
  PORT = '3000',
  AUTH_URL = 'http://localhost:3001',
  ORDERS_URL = 'http://localhost:3002',
  INVENTORY_URL = 'http://localhost:3003',
} = process.env

const app = express()
app.use(expressTracing({ service: 'gateway' }))
app.use(express.json())

app.get('/products/:sku', async (req, res) => {
  res.json(await call(`${INVENTORY_URL}/products/${req.params.sku}`))
})

app.get('/orders/:id', async (req, res) => {
  await authenticate(req)
  res.json(await call(`${ORDERS_URL}/orders/${req.params.id}`))
})

app.post('/checkout', async (req, res) => {
  const { customer } = await authenticate(req)
  const cart = req.body as object
  log.info({ coupon: 'coupon' in cart }, 'checking out')
  res.status(201).json(await call(`${ORDERS_URL}/orders`, { method: 'POST', body: { ...cart, customer } }))
})

app.use(expressErrors())
app.use((error: Error & { status?: number }, _req: Request, res: Response, _next: NextFunction) => {
  res.status(error.status ?? 500).json({ message: 'Something went wrong', traceId: res.getHeader('X-Trace-Id') })
})

function authenticate(req: Request): Promise<{ customer: string }> {
  const token = req.get('authorization')?.replace('Bearer ', '') ?? ''
  return call(`${AUTH_URL}/session`, { token })
}

announce(app.listen(Number(PORT), '127.0.0.1'))
