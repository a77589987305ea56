import { createTracer, honoTracing } from '@clew/hono'
import '@hono/node-server'
import { Hono } from 'hono'
import { reportStart } from '../report.mjs'

createTracer({ service: 'bench' })
const app = new Hono()
app.use(honoTracing())
app.get('/', (c) => c.text('ok'))
reportStart()
