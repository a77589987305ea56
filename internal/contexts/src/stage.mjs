// An application with one row of the table in it, on a socket.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { captureSpans, startServer } from '@clew/testkit'
import { Gate, sendLoad } from './load.mjs'
import { Notes } from './notes.mjs'

/** What every request sees beside the callbacks of its row. */
const USUAL = ['handler', 'timer', 'finish', 'close']

/**
 * @typedef {object} Row
 * @property {(kit: any) => void} mount puts handlers into the application
 * @property {import('./load.mjs').RequestSeed} [seed] what is sent. Default: GET /
 * @property {string[]} [sees] the callbacks that every request runs through
 * @property {boolean} [ends] false where no handler of ours answers: `sees` is all then
 * @property {number} [pipelined] requests at once on a connection. Default: 4
 * @property {(stage: any) => Promise<string[]>} [drive] sends other requests than the usual load; returns their trace ids
 * @property {'redis' | 'postgres'} [needs] the server without which it cannot run
 * @property {(folder: string) => Promise<object>} [setup] what the row needs; `close()` is called afterwards
 */

/**
 * Runs a row and tells which callbacks ran outside of their own request's context.
 *
 * @param {Row} row
 * @param {(kit: any) => import('node:http').RequestListener} createApp
 * @param {<F extends (...args: never[]) => unknown>(fn: F) => F} keep what callbacks are wrapped in where a row asks for it: `bind`, or nothing
 */
export async function runRow(row, createApp, keep) {
  const folder = await mkdtemp(join(tmpdir(), 'clew-contexts-'))
  const given = await row.setup?.(folder)
  const capture = captureSpans()
  const kit = createKit({ ...given, folder, keep, tracer: capture.tracer })
  const server = await startServer(createApp({ row, ...kit }))
  try {
    const labels = row.ends === false ? (row.sees ?? []) : [...USUAL, ...(row.sees ?? [])]
    const settle = (ids, left = []) =>
      kit.notes.complete(
        ids,
        labels.filter((label) => !left.includes(label)),
      )
    await settle(await drive(row, { ...kit, row, server, port: server.port, settle }))
  } finally {
    await server[Symbol.asyncDispose]()
    await capture[Symbol.asyncDispose]()
    await given?.close?.()
    await rm(folder, { recursive: true, force: true })
  }
  if (capture.errors.length > 0) throw new AggregateError(capture.errors, capture.errors.map(String).join('; '))
  return kit.notes.strays()
}

/** @param {Row} row @param {any} stage */
function drive(row, stage) {
  if (row.drive) return row.drive(stage)
  return sendLoad({ port: stage.port, gate: stage.gate, seed: row.seed ?? {}, pipelined: row.pipelined ?? 4, settle: stage.settle })
}

/** @param {object} given */
function createKit(given) {
  const notes = new Notes()
  const gate = new Gate()
  const noteId = (own, label) => notes.add(own, label)
  const note = (req, label) => notes.add(req.headers['x-trace-id'], label)
  /** Where a request has come to its handler: notes what is active there and afterwards, and waits for all others. */
  function arrive(req, res, last) {
    note(req, 'handler')
    setTimeout(() => note(req, 'timer'), 1)
    for (const event of ['finish', 'close']) res.once(event, () => note(req, event))
    return gate.pass(last)
  }
  return { ...given, notes, gate, noteId, note, arrive }
}
