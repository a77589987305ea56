import { honoTracing } from '@clew/hono'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { getRequestListener as getRequestListener1 } from 'node-server1'
import { describeRows } from '../src/describe-rows.mjs'
import { HONO_ROWS } from '../src/hono-rows.mjs'
import { runRow } from '../src/stage.mjs'

for (const [version, toListener] of [
  [2, getRequestListener],
  [1, getRequestListener1],
]) {
  describeRows('Hono', `hono on node-server ${String(version)}`, {
    known: HONO_ROWS,
    run: (row, keep) => runRow(row, createApp(toListener), keep),
  })
}

function createApp(toListener) {
  return ({ row, tracer, arrive: wait, note: noteRequest, ...kit }) => {
    const app = new Hono()
    // Hono would print the error.
    app.onError((_error, c) => c.text('Internal Server Error', 500))
    app.use(honoTracing({ tracer }))
    const note = (c, label) => noteRequest(c.env?.incoming ?? c, label)
    const arrive = (c, last) => wait(c.env.incoming, c.env.outgoing, last)
    async function end(c) {
      await arrive(c)
      return c.json({ ok: true })
    }
    function handle(handler) {
      app.get('/', async (c) => {
        await handler(c.env.incoming, (last) => arrive(c, last))
        return c.json({ ok: true })
      })
    }
    row.mount({ ...kit, app, note, arrive, end, handle })
    const listener = toListener(app.fetch)
    return (req, res) => void listener(req, res)
  }
}
