// A service that is hostile to its tracing: `node host.mjs <what>`. Answers one request that calls on, and prints what became of it.
// oxlint-disable no-extend-native -- the deed itself
import { once } from 'node:events'
import { createServer } from 'node:http'

/** What everybody inherits from, as something that anybody can write to. */
const { objects, lists } = {
  objects: /** @type {Record<string, unknown>} */ (Object.prototype),
  lists: /** @type {Record<string, any>} */ (Array.prototype),
}

/**
 * What hosts do to the ground that everybody stands on, before anything else is loaded.
 *
 * @type {Record<string, () => void>}
 */
const DEEDS = {
  nothing() {},
  'enumerable junk'() {
    objects.junk = 'junk'
    lists.junk = 'junk'
  },
  'inherited members'() {
    for (const name of ['kind', 'parent', 'links', 'metric', 'traceId']) objects[name] = 'inherited'
  },
  'members of requests'() {
    for (const name of ['headers', 'req', 'kind', 'links', 'parent', 'metric']) objects[name] = 'inherited'
  },
  'members of options'() {
    for (const name of ['then', 'parent', 'attributes', 'links', 'startTime', 'method', 'signal', 'toJSON', 'remote', 'span'])
      Object.defineProperty(Object.prototype, name, {
        get: () => undefined,
        set(value) {
          Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
        },
        configurable: true,
      })
  },
  'setters that swallow'() {
    for (const name of ['traceId', 'spanId', 'http.route'])
      Object.defineProperty(Object.prototype, name, { set() {}, get: () => 'polluted', configurable: true })
  },
  'a stack trace that throws'() {
    // Not of every error: Node itself ends the process where one of its own cannot tell its stack.
    Error.prepareStackTrace = (error) => {
      if (/recorded|failed|why/.test(error.message)) throw new RangeError('no stack')
      return 'a stack'
    }
  },
  'no stack'() {
    Error.stackTraceLimit = 0
  },
  'a frozen ground'() {
    for (const one of [Object, Array, Promise, Error, Map, String]) Object.freeze(one.prototype)
  },
}
/** @type {any} */
const world = globalThis
/**
 * And what they do afterwards.
 *
 * @type {Record<string, () => void>}
 */
const LATER = {
  'another Promise'() {
    world.Promise = class OtherPromise extends world.Promise {}
  },
  'another JSON'() {
    JSON.stringify = () => {
      throw new RangeError('no text')
    }
  },
  'a clock of its own'() {
    Date.now = () => Number.NaN
  },
  'a performance of its own'() {
    performance.now = () => {
      throw new RangeError('no clock')
    }
  },
  'no timers'() {
    world.setTimeout = world.setInterval = () => ({
      unref() {
        return this
      },
      refresh() {
        return this
      },
      ref() {
        return this
      },
    })
  },
}

/** Without these fetch itself fails. */
const NEEDED_BY_FETCH = ['members of requests', 'a frozen ground', 'another JSON', 'a performance of its own']

const [, , what = 'nothing'] = process.argv
DEEDS[what]?.()
const { createTracer, tracedFetch, withSpan, memoryExporter, otlpExporter } = await import('../../dist/index.js')
const { createNodeRequestTracer, runRequest } = await import('../../dist/adapter.js')
/** @type {string[]} */
const errors = []
const exporter = memoryExporter()
const tracer = createTracer({
  ...(process.env.NAME_ITSELF ? undefined : { service: 'host' }),
  exporter,
  onError: (error) => errors.push(error.code),
})
const sender = createTracer({ service: 'sender', default: false, exporter: otlpExporter({ url: 'http://127.0.0.1:9' }), onError: () => {} })
const trace = createNodeRequestTracer()

const inner = createServer((req, res) => res.end(req.headers.traceparent ?? 'none'))
const outer = createServer((req, res) => {
  const request = trace(req, res)
  const handle = async () => {
    const got = await withSpan('work', async (span) => {
      span
        .setAttributes({ a: 1, list: ['a'], object: { b: [1] } })
        .addEvent('e')
        .recordException(new Error('recorded', { cause: new TypeError('why') }))
      await withSpan('failing', async () => {
        throw new Error('failed')
      }).catch(() => {})
      if (NEEDED_BY_FETCH.includes(what)) return 'nothing'
      return (await tracedFetch(`http://127.0.0.1:${portOf(inner)}/?q=1`)).text()
    })
    sender.withSpan('sent', { parent: null }, () => {})
    res.setHeader('x-got', got).end('answered')
  }
  void (request === undefined ? handle() : runRequest(request, handle))
})
await once(inner.listen(0, '127.0.0.1'), 'listening')
await once(outer.listen(0, '127.0.0.1'), 'listening')
const real = { stringify: JSON.stringify, later: LATER[what] }
real.later?.()

// Not by fetch, whose own ways with the ground are none of ours.
const { request } = await import('node:http')
request({ port: portOf(outer), host: '127.0.0.1', path: '/' }, (answer) => {
  let text = ''
  answer.on('data', (chunk) => (text += chunk))
  answer.on('end', async () => {
    inner.close()
    outer.close()
    await tracer.flush({ timeoutMs: 2_000 })
    await sender.shutdown({ timeoutMs: 100 })
    const names = exporter.spans.map((span) => span.name)
    process.stdout.write(
      `${real.stringify({ status: answer.statusCode, text, id: String(answer.headers['x-trace-id']), got: String(answer.headers['x-got']), names, errors })}\n`,
    )
  })
}).end()

/** @param {import('node:http').Server} server */
function portOf(server) {
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port
}
