import { createTracer, expressTracing } from '@clew/express'
import express from 'express'
import { reportStart } from '../report.mjs'

createTracer({ service: 'bench' })
const app = express()
app.use(expressTracing())
reportStart()
