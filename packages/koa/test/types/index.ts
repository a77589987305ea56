// What the signatures of @clew/koa allow and refuse. It is compiled, never run.
import Koa from 'koa'
import { expectTypeOf } from 'vitest'
import { koaTracing } from '../../src/index.js'
import type { KoaContext, KoaMiddleware, KoaTraceState, RequestTrace } from '../../src/index.js'

expectTypeOf(koaTracing({ service: 'orders', responseHeaders: ['X-Span-Id'] })).toEqualTypeOf<KoaMiddleware>()
expectTypeOf<Parameters<KoaMiddleware>[0]>().toEqualTypeOf<KoaContext>()
const app = new Koa<KoaTraceState>()
app.use(koaTracing())
app.use((ctx) => void expectTypeOf(ctx.state.trace).toEqualTypeOf<RequestTrace>())
// @ts-expect-error there is no such option
koaTracing({ name: 'orders' })
// @ts-expect-error there is no such header
koaTracing({ responseHeaders: ['X-Request-Id'] })
