import { koaTracing } from '@clew/koa'
import Koa from 'koa'
import Koa2 from 'koa2'
import { describeRows } from '../src/describe-rows.mjs'
import { KOA_ROWS } from '../src/koa-rows.mjs'
import { runRow } from '../src/stage.mjs'

for (const [version, Framework] of [
  [3, Koa],
  [2, Koa2],
]) {
  describeRows('Koa', `koa ${version}`, { known: KOA_ROWS, run: (row, keep) => runRow(row, createApp(Framework, version), keep) })
}

function createApp(Framework, version) {
  return ({ row, tracer, arrive, ...kit }) => {
    const app = new Framework()
    // Koa would print what handlers throw.
    app.on('error', () => {})
    app.use(koaTracing({ tracer }))
    async function end(ctx) {
      await arrive(ctx.req, ctx.res)
      ctx.body = { ok: true }
    }
    function handle(handler) {
      app.use(async (ctx) => {
        await handler(ctx.req, (last) => arrive(ctx.req, ctx.res, last))
        ctx.body = { ok: true }
      })
    }
    row.mount({ ...kit, version, app, arrive, end, handle })
    const callback = app.callback()
    return (req, res) => void callback(req, res)
  }
}
