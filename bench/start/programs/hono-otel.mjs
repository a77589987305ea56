import '@hono/node-server'
import { Hono } from 'hono'
import { createOtel } from '../../request/otel.mjs'
import { reportStart } from '../report.mjs'

const { middlewares } = await createOtel('hono', 1)
const app = new Hono()
for (const middleware of middlewares) app.use(middleware)
app.get('/', (c) => c.text('ok'))
reportStart()
