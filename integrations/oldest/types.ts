// What a strict TypeScript project with the older frameworks sees, with nothing skipped.
import { createTracer, memoryExporter } from '@clew/core'
import { expressErrors, expressTracing } from '@clew/express'
import { koaTracing } from '@clew/koa'
import { createLogger } from '@clew/pino'
import express from 'express'
import Koa from 'koa'

export const tracer = createTracer({ service: 'shop', exporter: memoryExporter() })

const app = express()
app.use(expressTracing())
app.get('/', (req, res) => void res.send(req.trace?.traceId satisfies string | undefined))
app.use(expressErrors())

new Koa().use(koaTracing())
createLogger({ level: 'info' }).info('typed')
