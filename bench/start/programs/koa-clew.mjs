import { createTracer, koaTracing } from '@clew/koa'
import Koa from 'koa'
import { reportStart } from '../report.mjs'

createTracer({ service: 'bench' })
const app = new Koa()
app.use(koaTracing())
app.on('error', console.error)
reportStart()
