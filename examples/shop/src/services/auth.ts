import { honoTracing } from '@clew/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { announce } from './announce.js'
import { query, sql } from './database.js'
import { log } from './log.js'

const app = new Hono()
app.use(honoTracing({ service: 'auth' }))

app.get('/session', async (c) => {
  const token = c.req.header('authorization')?.replace('Bearer ', '') ?? ''
  const [session] = await query(sql`SELECT * FROM sessions WHERE token = ${token}`)
  if (session !== undefined) return c.json({ customer: session.customer })
  log.warn('no such session')
  return c.json({ message: 'Please log in' }, 401)
})

announce(serve({ fetch: app.fetch, port: Number(process.env.PORT ?? '3001'), hostname: '127.0.0.1' }))
