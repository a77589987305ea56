import { createRequire } from 'node:module'
import { createOtel } from '../../request/otel.mjs'
import { reportStart } from '../report.mjs'

await createOtel('koa', 1)
// Only what is loaded with `require`, and later than this, is instrumented.
const Koa = createRequire(import.meta.url)('koa')
const app = new Koa()
app.on('error', console.error)
reportStart()
