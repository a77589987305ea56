// What the signatures of @clew/express allow and refuse. It is compiled, never run.
import express from 'express'
import { expectTypeOf } from 'vitest'
import { expressErrors, expressTracing } from '../../src/index.js'
import type { ExpressErrorHandler, ExpressHandler, ExpressNext, RequestTrace } from '../../src/index.js'

expectTypeOf(expressTracing({ service: 'shop', ignore: ['/ping'] })).toEqualTypeOf<ExpressHandler>()
expectTypeOf(expressErrors()).toEqualTypeOf<ExpressErrorHandler>()
expectTypeOf<Parameters<ExpressHandler>[2]>().toEqualTypeOf<ExpressNext>()
const app = express()
app.use(expressTracing())
app.get('/', (req) => expectTypeOf(req.trace).toEqualTypeOf<RequestTrace | undefined>())
app.use(expressErrors())
// @ts-expect-error there is no such option
expressTracing({ ignored: ['/ping'] })
// @ts-expect-error it takes no options
expressErrors({})
