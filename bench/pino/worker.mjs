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
const destination = {
  write(/** @type {string} */ line) {
    lines++
    if (line.includes('"trace_id"')) withIds++
  },
}

/** Each with a function that runs another inside a context. */
const VARIANTS = { bare: createBare, mixin: createMixin, clew: createClew }

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

const name = /** @type {keyof typeof VARIANTS} */ (process.argv[2] ?? '')
const { logger, run } = VARIANTS[name]()

function logLines() {
  for (let line = 0; line < LINES; line++) logger.info({ orderId: line }, 'order read')
}

/** Throws where a line is without its ids. */
async function measure() {
  const line = await measureCpu(LINES, () => run(logLines))
  if (name !== 'bare' && withIds !== lines) throw new Error(`${withIds} of ${lines} lines carry a trace id`)
  return { line }
}

answer({ measure })
