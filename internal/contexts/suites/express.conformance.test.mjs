import { expressTracing } from '@clew/express'
import express from 'express'
import express4 from 'express4'
import { describeRows } from '../src/describe-rows.mjs'
import { EXPRESS_BODIES } from '../src/express-bodies.mjs'
import { EXPRESS_EVENTS } from '../src/express-events.mjs'
import { EXPRESS_MIDDLEWARES } from '../src/express-middlewares.mjs'
import { EXPRESS_STREAMS } from '../src/express-streams.mjs'
import { runRow } from '../src/stage.mjs'

const known = { ...EXPRESS_BODIES, ...EXPRESS_MIDDLEWARES, ...EXPRESS_STREAMS, ...EXPRESS_EVENTS }

for (const [version, framework] of [
  [5, express],
  [4, express4],
]) {
  describeRows('Express', `express ${version}`, { known, run: (row, keep) => runRow(row, createApp(framework, version), keep) })
}

function createApp(framework, version) {
  return ({ row, tracer, arrive, ...kit }) => {
    const app = framework()
    app.use(expressTracing({ tracer }))
    const answer = (res) => res.json({ ok: true })
    async function end(req, res) {
      await arrive(req, res)
      answer(res)
    }
    function handle(handler) {
      app.get('/', async (req, res) => {
        await handler(req, (last) => arrive(req, res, last))
        answer(res)
      })
    }
    row.mount({ ...kit, handle, app, express: framework, version, arrive, answer, end })
    return app
  }
}
