import { expressErrors, expressTracing, withSpan } from '@clew/express'
import express, { type NextFunction, type Request, type Response } from 'express'
import { announce } from './announce.js'
import { call } from './call.js'
import { query, sql } from './database.js'
import { log } from './log.js'

const { PORT = '3004', BANK_URL = 'http://localhost:3010' } = process.env

interface Charge {
  readonly order: string
  readonly card: string
  readonly total: number
}

class CardIssuerError extends Error {
  override readonly name = 'CardIssuerError'
}

const app = express()
app.use(expressTracing({ service: 'payments' }))
app.use(express.json())

app.post('/charges', async (req, res) => {
  const charge = req.body as Charge
  await chargeCard(charge)
  await query(sql`INSERT INTO charges VALUES (${charge.order}, ${String(charge.total)})`)
  log.info({ order: charge.order, total: charge.total }, 'card charged')
  res.status(201).json({ order: charge.order })
})

function chargeCard({ card, total }: Charge): Promise<void> {
  return withSpan('charge card', { attributes: { 'shop.total': total } }, async () => {
    const answer = await call<{ approved: boolean; reason?: string }>(`${BANK_URL}/bank/charges`, { method: 'POST', body: { card, total } })
    if (!answer.approved) throw new CardIssuerError(`The bank did not charge the card: ${answer.reason ?? 'no reason given'}`)
  })
}

app.use(expressErrors())
app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
  log.error(error, 'charge failed')
  res.status(502).json({ message: error.message })
})

announce(app.listen(Number(PORT), '127.0.0.1'))
