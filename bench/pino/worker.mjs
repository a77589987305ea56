// One variant in a process of its own: node worker.mjs <variant>.
import { AsyncLocalStorage } from 'node:async_hooks'
import { createTracer, withSpan } from '@clew/core'
import { createLogger } from '@clew/pino'
import { pino } from 'pino'
import { answer } from '../child.mjs'
import { measureCpu } from '../loop.mjs'

const LINES = 2000

let lines = 0
let withIds = 0
let logged = 0
/** @type {(() => number) | undefined} */
let countRecorded
const destination = {
  write(/** @type {string} */ line) {
    lines++
    if (line.includes('"trace_id"')) withIds++
  },
}

/** Each with a function that runs another inside a context. */
const VARIANTS = {
  bare: createBare,
  mixin: createMixin,
  clew: createClew,
  record: () => createRecording('info'),
  'quiet-bare': () => ({ ...createBare(), isQuiet: true }),
  'quiet-clew': () => ({ ...createClew(), isQuiet: true }),
  'quiet-record': () => createRecording('debug'),
}

function createBare() {
  return { logger: pino({}, destination), run: runInside }
}

const storage = new AsyncLocalStorage()

function createMixin() {
  const mixin = () => ({ trace_id: storage.getStore()?.traceId, span_id: storage.getStore()?.spanId })
  return { logger: pino({ mixin }, destination), run: runInside }
}

/** @param {() => void} fn */
function runInside(fn) {
  storage.run({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }, fn)
}

function createClew() {
  createTracer({ service: 'bench', exporter: false })
  return { logger: createLogger({}, destination), run: (/** @type {() => void} */ fn) => withSpan('work', fn) }
}

/**
 * Every line is recorded; no trace is kept, as is the way of most.
 *
 * @param {'info' | 'debug'} level of the lines
 */
function createRecording(level) {
  const limits = { logsPerSegment: Infinity, logBytesPerSegment: Infinity }
  const exporter = { export: async () => ({ ok: /** @type {const} */ (true) }), close: async () => {} }
  const tracer = createTracer({ service: 'bench', exporter, sampling: { rate: 0 }, limits })
  countRecorded = () => tracer.stats().logsRecorded
  const run = (/** @type {() => void} */ fn) => withSpan('work', fn)
  return { logger: createLogger({ record: 'debug' }, destination), run, isQuiet: level === 'debug' }
}

const name = /** @type {keyof typeof VARIANTS} */ (process.argv[2] ?? '')
const {
  logger,
  run,
  isQuiet = false,
} = /** @type {{ logger: import('pino').Logger, run: (fn: () => void) => void, isQuiet?: boolean }} */ (VARIANTS[name]())
const level = isQuiet ? 'debug' : 'info'

function logLines() {
  for (let line = 0; line < LINES; line++, logged++) logger[level]({ orderId: line }, 'order read')
}

/** Throws where a line is without its ids. */
async function measure() {
  const line = await measureCpu(LINES, () => run(logLines))
  if (isQuiet ? lines > 0 : lines === 0) throw new Error(`${lines} lines were written`)
  if (name !== 'bare' && withIds !== lines) throw new Error(`${withIds} of ${lines} lines carry a trace id`)
  if (countRecorded && countRecorded() !== logged) throw new Error(`${countRecorded()} of ${logged} lines were recorded`)
  return { line }
}

answer({ measure })
