import '@hono/node-server'
import { Hono } from 'hono'
import { reportStart } from '../report.mjs'

const app = new Hono()
app.get('/', (c) => c.text('ok'))
reportStart()
