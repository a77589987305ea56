// A service that nobody touches any more. It knows nothing of clew; like many a hand-written middleware it logs the X-Trace-ID it
// receives and passes it on, and nothing else: no span ids, no traceparent.
import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { announce } from './announce.js'

const { PORT = '3005', INVENTORY_URL = 'http://localhost:3003', LOG_FILE } = process.env

const server = createServer((req, res) => {
  const traceId = String(req.headers['x-trace-id'] ?? randomUUID())
  forward(req, traceId).then(
    async (answer) => {
      writeLog(`INFO ${req.method} ${req.url} ${answer.status} trace_id=${traceId}`)
      res.writeHead(answer.status, { 'content-type': 'application/json', 'X-Trace-ID': traceId }).end(await answer.text())
    },
    (error: unknown) => {
      writeLog(`ERROR ${String(error)} trace_id=${traceId}`)
      res.writeHead(502, { 'X-Trace-ID': traceId }).end()
    },
  )
})

async function forward(req: IncomingMessage, traceId: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'X-Trace-ID': traceId }
  return fetch(`${INVENTORY_URL}${req.url}`, { method: 'POST', headers, body: await text(req) })
}

function writeLog(line: string): void {
  const whole = `${new Date().toISOString()} ${line}\n`
  if (LOG_FILE === undefined) process.stdout.write(whole)
  else appendFileSync(LOG_FILE, whole)
}

announce(server.listen(Number(PORT), '127.0.0.1'))
