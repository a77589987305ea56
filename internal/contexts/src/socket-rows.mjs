// WebSockets of `ws`, behind `traceUpgrades`.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { traceUpgrades } from '@clew/core'
import { captureSpans } from '@clew/testkit'
import { WebSocket, WebSocketServer } from 'ws'
import { createTraceId } from './load.mjs'
import { Notes } from './notes.mjs'

const CALLERS = 20

/** @typedef {{ sees: string[], connect: (socket: any, note: (label: string) => void, keep: <F>(fn: F) => F) => void }} SocketRow */

/** @type {Record<string, SocketRow>} */
export const SOCKET_ROWS = {
  'ws: connection, message, close': {
    sees: ['connection', 'message', 'close'],
    connect(socket, note) {
      note('connection')
      socket.on('close', () => note('close'))
      socket.on('message', (data) => {
        note('message')
        socket.send(data)
      })
    },
  },
  'ws: callbacks of send': {
    sees: ['sent'],
    connect(socket, note, keep) {
      socket.on('message', (data) => {
        const callback = keep(() => note('sent'))
        socket.send(data, callback)
      })
    },
  },
}

/**
 * Twenty callers connect, send a message, wait for the answer and close. Returns what ran in a foreign context.
 *
 * @param {SocketRow} row @param {<F>(fn: F) => F} keep
 */
export async function runSockets(row, keep) {
  const capture = captureSpans()
  const notes = new Notes()
  const server = createServer()
  traceUpgrades(server, { tracer: capture.tracer })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, req) => row.connect(socket, (label) => notes.add(req.headers['x-trace-id'], label), keep))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const ids = Array.from({ length: CALLERS }, createTraceId)
    await Promise.all(ids.map((id) => talk(server.address().port, id)))
    await notes.complete(ids, row.sees)
  } finally {
    sockets.close()
    server.close()
    await once(server, 'close')
    await capture[Symbol.asyncDispose]()
  }
  return notes.strays()
}

/** @param {number} port @param {string} traceId */
async function talk(port, traceId) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { 'x-trace-id': traceId } })
  await once(socket, 'open')
  for (let n = 0; n < 3; n++) {
    socket.send(`message ${n}`)
    await once(socket, 'message')
  }
  socket.close()
  await once(socket, 'close')
}
