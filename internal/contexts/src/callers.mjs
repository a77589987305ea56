// Callers that do not wait for the end.
import { connectRaw } from '@clew/testkit'
import { createTraceId, cutRequest, jsonRequest } from './load.mjs'

const CALLERS = 20

/** Callers that send a part of a body and go. */
export async function leaveEarly({ port }) {
  const ids = Array.from({ length: CALLERS }, createTraceId)
  const sockets = await Promise.all(ids.map(() => connectRaw(port)))
  await Promise.all(sockets.map((socket, n) => socket.drip(cutRequest(ids[n], jsonRequest()).slice(0, 2))))
  for (const socket of sockets) socket.abort()
  for (const socket of sockets) await socket[Symbol.asyncDispose]()
  return ids
}

/** Callers that close their connection when they have their answer. */
export async function closeAfterwards({ port, gate, settle }) {
  const ids = Array.from({ length: CALLERS }, createTraceId)
  gate.expect(CALLERS)
  const sockets = await Promise.all(ids.map(() => connectRaw(port)))
  await Promise.all(
    sockets.map(async (socket, n) => {
      await socket.drip(cutRequest(ids[n], {}))
      await socket.responses(1)
    }),
  )
  await settle(ids, ['socket close'])
  for (const socket of sockets) await socket[Symbol.asyncDispose]()
  return ids
}

/** Callers that read the beginning of an answer and go. */
export async function leaveAnswer({ port }) {
  const ids = Array.from({ length: CALLERS }, createTraceId)
  const sockets = await Promise.all(ids.map(() => connectRaw(port)))
  await Promise.all(
    sockets.map(async (socket, n) => {
      await socket.drip(cutRequest(ids[n], {}))
      await socket.received(/the beginning/)
    }),
  )
  for (const socket of sockets) socket.abort()
  for (const socket of sockets) await socket[Symbol.asyncDispose]()
  return ids
}

/** Callers that read the beginning of an answer, and stay until all callbacks of the row have been called. */
export async function closeAfterNotes({ port, notes, row }) {
  const ids = Array.from({ length: CALLERS }, createTraceId)
  const sockets = await Promise.all(ids.map(() => connectRaw(port)))
  await Promise.all(sockets.map((socket, n) => socket.drip(cutRequest(ids[n], {}))))
  await notes.complete(ids, row.sees)
  for (const socket of sockets) await socket[Symbol.asyncDispose]()
  return ids
}
