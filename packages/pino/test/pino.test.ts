import { continueTrace, createTracer, memoryExporter, tracedFetch, withSpan, type Tracer, type MemoryExporter } from '@clew/core'
import { resetDefaultTracer } from '@clew/core/adapter'
import { createServer } from 'node:http'
import { pino, type LoggerOptions } from 'pino'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { createLogger, logRequests, type LoggerTraceOptions, traceMixin, type TraceLogOptions } from '../src/index.js'

let tracer: Tracer
let exporter: MemoryExporter

beforeEach(() => {
  resetDefaultTracer()
  exporter = memoryExporter()
  tracer = createTracer({ service: 'shop', exporter, flushOnExit: false })
})

afterEach(async () => {
  await tracer.shutdown()
  resetDefaultTracer()
})

/** A logger and its raw lines. */
function capture(options: LoggerOptions & TraceLogOptions = {}) {
  const lines: string[] = []
  const logger = createLogger({ base: null, timestamp: false, ...options }, { write: (line) => void lines.push(line) })
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

/** How often a key stands in the raw text; JSON.parse would hide the second. */
function count(line: string, key: string): number {
  return line.split(`"${key}":`).length - 1
}

const ids = (span: { spanContext(): { traceId: string; spanId: string } }) => {
  const { traceId, spanId } = span.spanContext()
  return { trace_id: traceId, span_id: spanId, trace_flags: '03', service: 'shop' }
}

describe('createLogger', () => {
  it('puts the active span into each line, and nothing outside', async () => {
    const { logger, lines, last } = capture()
    logger.info('outside')
    expect(last()).toEqual({ level: 30, msg: 'outside' })
    await withSpan('outer', async (outer) => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      logger.info({ n: 1 }, 'inside')
      expect(last()).toEqual({ level: 30, n: 1, msg: 'inside', ...ids(outer) })
      withSpan('inner', (inner) => {
        logger.warn('deeper')
        expect(last()).toEqual({ level: 40, msg: 'deeper', ...ids(inner) })
      })
    })
    logger.info('outside again')
    expect(last()).toEqual({ level: 30, msg: 'outside again' })
    expect(lines).toHaveLength(4)
  })

  it('never writes a key twice: bindings of children win, fields of the line win over both', () => {
    const { logger, lines, last } = capture()
    withSpan('a', (span) => {
      const child = logger.child({ trace_id: 'mine', service: 'own' })
      child.info('bound')
      expect(last()).toMatchObject({ trace_id: 'mine', service: 'own', span_id: ids(span).span_id })
      child.child({ span_id: 'third' }).info('bound twice')
      expect(last()).toMatchObject({ trace_id: 'mine', span_id: 'third' })
      logger.info({ trace_id: 'line' }, 'own field')
      expect(last()).toMatchObject({ trace_id: 'line', service: 'shop' })
      const bound = logger.child({})
      bound.setBindings({ service: 'later' })
      bound.info('rebound')
      expect(last()).toMatchObject({ service: 'later' })
    })
    for (const line of lines) for (const key of ['trace_id', 'span_id', 'trace_flags', 'service']) expect(count(line, key), line).toBe(1)
  })

  it('takes a key deep in the bindings for what it is', () => {
    const { logger, last } = capture()
    withSpan('a', (span) => {
      logger.child({ upstream: { trace_id: 'theirs' } }).info('x')
      expect(last()).toMatchObject({ ...ids(span), upstream: { trace_id: 'theirs' } })
    })
  })

  it('does not leak fields from one line into the next', () => {
    const { logger, last } = capture()
    withSpan('a', (span) => {
      logger.info({ secret: 1 }, 'first')
      logger.info('second')
      expect(last()).toEqual({ level: 30, msg: 'second', ...ids(span) })
    })
  })

  it('writes the fields that the line names without a value', () => {
    const { logger, last } = capture()
    withSpan('a', (span) => {
      logger.info({ service: 'own', span_id: undefined }, 'x')
      expect(last()).toEqual({ level: 30, msg: 'x', ...ids(span), service: 'own' })
    })
  })

  it('calls the own mixin, whose fields win', () => {
    const { logger, last } = capture({ mixin: () => ({ service: 'mixed', extra: true }) })
    withSpan('a', (span) => {
      logger.info('x')
      expect(last()).toEqual({ level: 30, msg: 'x', ...ids(span), service: 'mixed', extra: true })
    })
  })

  it('renames its fields and logs the id as it was received', () => {
    const { logger, last } = capture({ fields: { traceId: 'traceId', externalId: 'received' }, traceIdField: 'received' })
    continueTrace({ 'x-trace-id': 'abc-123', 'x-request-id': 'r1', 'x-correlation-id': 'c1' }, 'job', () => {
      logger.info('x')
      expect(last()).toMatchObject({ traceId: 'abc-123', received: 'abc-123', request_id: 'r1', correlation_id: 'c1' })
      expect(last()).not.toHaveProperty('trace_id')
    })
    expect(() => createLogger({ fields: { trace: 'x' } as never })).toThrow('Option fields.trace is not known')
    expect(() => traceMixin({ traceIdField: 'both' as never })).toThrow('traceIdField')
    expect(() => traceMixin({ field: {} } as never)).toThrow('Option field is not known')
  })

  it('keeps the trace id beside the external id', () => {
    const { logger, last } = capture()
    continueTrace({ 'x-trace-id': 'abc-123' }, 'job', (span) => {
      logger.info('x')
      expect(last()).toMatchObject({ trace_id: span.spanContext().traceId, external_id: 'abc-123' })
    })
  })

  it('writes the chain of causes', () => {
    const { logger, last } = capture()
    logger.error(new Error('outer', { cause: new TypeError('middle', { cause: new RangeError('inner') }) }))
    expect(last()['err']).toMatchObject({
      type: 'Error',
      message: 'outer',
      cause: { type: 'TypeError', message: 'middle', cause: { type: 'RangeError', message: 'inner' } },
    })
  })

  it('records a logged error on the active span once, and leaves its status alone', async () => {
    const { logger } = capture()
    withSpan('a', () => {
      const error = new Error('logged')
      logger.error(error)
      logger.error({ err: error }, 'again')
      logger.info({ err: new Error('only told') }, 'not a problem')
    })
    withSpan('b', () => capture({ recordErrors: false }).logger.error(new Error('not recorded')))
    await tracer.flush()
    expect(exporter.spans.map((span) => [span.status, span.events.map((event) => event.attributes['exception.message'])])).toEqual([
      ['unset', ['logged']],
      ['unset', []],
    ])
  })

  it('records errors under any key, nested ones, and none twice', async () => {
    const { logger, lines } = capture({ errorKey: 'problem' })
    const shared = new Error('shared')
    const hidden = new Error('hidden')
    withSpan('a', () => {
      logger.error(new Error('alone'))
      logger.error({ problem: new Error('own key'), error: new Error('error') }, 'two')
      logger.warn({ shared, again: shared, data: { err: new Error('nested err'), error: shared, other: hidden } })
      logger.child({ n: 1 }).fatal(new Error('of a child'), 'with a message')
      logger.error({ data: { get err(): Error { throw new Error('from a getter') } } }) // prettier-ignore
      logger.error({ list: [1], text: 'x', nothing: null })
      logger.error('no object')
    })
    await tracer.flush()
    const [span] = exporter.spans
    expect(span?.status).toBe('unset')
    expect(span?.events.map((event) => event.attributes['exception.message'])).toEqual([
      'alone', 'own key', 'error', 'shared', 'nested err', 'of a child',
    ]) // prettier-ignore
    expect(lines.length).toBeGreaterThanOrEqual(6)
  })

  it('leaves the status alone that the span was given', async () => {
    const { logger } = capture()
    withSpan('a', (span) => {
      span.setStatus({ code: 'ok' })
      logger.fatal(new Error('told'))
    })
    const thrown = new Error('thrown')
    const failing = () =>
      withSpan('b', () => {
        logger.error(thrown)
        throw thrown
      })
    expect(failing).toThrow(thrown)
    await tracer.flush()
    expect(exporter.spans.map(({ status, events }) => [status, events.length])).toEqual([['ok', 1], ['error', 1]]) // prettier-ignore
  })

  it('serves any pino through traceMixin', () => {
    const lines: string[] = []
    const logger = pino({ base: null, mixin: traceMixin() }, { write: (line) => void lines.push(line) })
    withSpan('a', (span) => logger.info('x') ?? expect(JSON.parse(lines[0]!)).toMatchObject(ids(span)))
  })

  it.each<[string, LoggerOptions]>([
    ['a nested key', { nestedKey: 'data' }],
    ['a formatter of lines', { formatters: { log: (line) => ({ ...line, seen: Object.keys(line).join() }) } }],
    ['a serializer of ours', { serializers: { service: (name: string) => name.toUpperCase() } }],
    ['masks of pino on a key of ours', { redact: ['trace_id'] }],
    ['masks of pino on every key', { redact: { paths: ['*.x', 'span_id'], censor: 'masked' } }],
    ['no timestamp', { timestamp: false }],
    ['a timestamp of its own', { timestamp: () => ',"at":"now"' }],
    ['labels for levels', { formatters: { level: (label) => ({ severity: label }) } }],
    ['another line end', { crlf: true }],
    ['a merge strategy', { mixinMergeStrategy: (line, mixed) => ({ ...mixed, ...line }), mixin: () => ({ extra: 1 }) }],
  ])('says with %s what traceMixin says', (_, options) => {
    const ours: string[] = []
    const theirs: string[] = []
    const merged = options.mixin
      ? { mixin: (line: object, level: number, logger: pino.Logger) => ({ ...traceMixin()(line, level, logger), extra: 1 }) }
      : { mixin: traceMixin() }
    const fixed = { base: null, timestamp: () => ',"time":1', ...options }
    const logger = createLogger(fixed, { write: (line) => void ours.push(line) })
    const other = pino({ ...fixed, ...merged }, { write: (line) => void theirs.push(line) })
    const log = (each: pino.Logger) => {
      each.info({ n: 1, deep: { x: 1 } }, 'line')
      each.info({ trace_id: 'mine', service: 'own' }, 'fields of its own')
      const child = each.child({ span_id: 'bound', x: 'y' }, { serializers: { n: () => 'child' } })
      child.info({ n: 1 }, 'child')
      child.child({ deeper: { service: 'theirs' } }).info('grandchild')
      each.child({}, { redact: ['service'] }).info('masked by a child')
      each.info('plain')
    }
    continueTrace(
      { 'x-trace-id': 'abc-"123', 'x-request-id': 'r1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      'job',
      () => {
        log(logger)
        log(other)
      },
    )
    log(logger)
    log(other)
    expect(ours).toHaveLength(12)
    expect(ours.map((line) => JSON.parse(line))).toEqual(theirs.map((line) => JSON.parse(line)))
    for (const line of ours)
      for (const key of ['trace_id', 'span_id', 'service', 'request_id'])
        expect(count(line, key), line).toBeLessThan(2 + Number(line.includes('deeper')))
  })

  it('is exactly bare pino outside of a span', () => {
    const ours: string[] = []
    const theirs: string[] = []
    const options = { timestamp: () => ',"time":1', redact: ['secret'], formatters: { log: (line: Record<string, unknown>) => line } }
    for (const each of [
      createLogger(options, { write: (line) => void ours.push(line) }),
      pino(options, { write: (line) => void theirs.push(line) }),
    ]) {
      each.info({ secret: 1, n: 2 }, 'hello %s', 'world')
      each.child({ a: 1 }).warn('child')
    }
    expect(ours).toEqual(theirs)
  })

  it('keeps the fields of two loggers apart within one span', () => {
    const one = capture()
    const two = capture({ fields: { traceId: 'id' } })
    withSpan('a', (span) => {
      for (let time = 0; time < 2; time++) {
        one.logger.info('x')
        two.logger.info('x')
        expect(one.last()).toEqual({ level: 30, msg: 'x', ...ids(span) })
        expect(two.last()).toMatchObject({ id: span.spanContext().traceId })
        expect(two.last()).not.toHaveProperty('trace_id')
      }
    })
  })

  it('is typed as pino is', () => {
    expectTypeOf(createLogger).returns.toEqualTypeOf<pino.Logger>()
    expectTypeOf(createLogger).parameter(0).toEqualTypeOf<(LoggerOptions & LoggerTraceOptions) | undefined>()
    expectTypeOf(logRequests).returns.toEqualTypeOf<() => void>()
  })
})

describe('logRequests', () => {
  it('writes a line per finished client request, failures with their error, secrets masked', async () => {
    const server = createServer((req, res) => res.writeHead(req.url?.startsWith('/bad') ? 503 : 200).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    const { logger, lines } = capture()
    const stop = logRequests(logger)
    await tracedFetch(`${url}/ok?token=secret`)
    await tracedFetch(`${url}/bad`)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await tracedFetch(`${url}/gone`).catch(() => {})
    stop()
    withSpan('other', { kind: 'client' }, () => {})
    const parsed = lines.map((line) => JSON.parse(line))
    expect(parsed).toHaveLength(3)
    expect(parsed[0]).toMatchObject({
      level: 30,
      kind: 'client',
      method: 'GET',
      status: 200,
      service: 'shop',
      trace_id: expect.any(String),
      duration_ms: expect.any(Number),
    })
    expect(lines[0]).not.toContain('secret')
    expect(parsed[1]).toMatchObject({ level: 50, status: 503, err: { type: '503' } })
    expect(parsed[2]).toMatchObject({
      level: 50,
      err: { type: 'TypeError', message: 'fetch failed', stack: expect.stringContaining('Caused by: ') },
    })
  })

  it('writes about the kinds that are asked for', () => {
    const { logger, lines } = capture()
    const stop = logRequests(logger, { client: false })
    withSpan('GET', { kind: 'client', attributes: { 'http.request.method': 'GET' } }, () => {})
    withSpan(
      'GET /a',
      { kind: 'server', attributes: { 'http.request.method': 'GET', 'url.path': '/a', 'http.response.status_code': 200 } },
      () => {},
    )
    withSpan('not http', { kind: 'server' }, () => {})
    stop()
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ method: 'GET', url: '/a', status: 200, msg: 'GET /a 200' }])
  })

  it('tells the stack of an error that was recorded on a span below', () => {
    const { logger, lines } = capture()
    const stop = logRequests(logger)
    const request = { kind: 'server', attributes: { 'http.request.method': 'GET', 'url.path': '/' } } as const
    const reserve = () =>
      withSpan('reserve', () => {
        throw new RangeError('no stock for jo@example.org')
      })
    expect(() => withSpan('GET /', request, reserve)).toThrow(RangeError)
    stop()
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      err: {
        type: 'RangeError',
        message: 'no stock for [REDACTED]',
        stack: expect.stringMatching(/^RangeError: no stock for .REDACTED.\n +at /),
      },
    })
    expect(lines[0]).not.toContain('example.org')
  })

  it('masks by the rules of the tracer, the stack included', async () => {
    await tracer.shutdown()
    tracer = createTracer({ service: 'shop', exporter, flushOnExit: false, redact: ['street'] })
    const { logger, lines } = capture()
    const stop = logRequests(logger)
    const request = { kind: 'server', attributes: { 'http.request.method': 'GET', 'url.path': '/' } } as const
    const fail = () => {
      throw new RangeError('refused: street=Main')
    }
    expect(() => withSpan('GET /', request, () => withSpan('inner', fail))).toThrow(RangeError)
    stop()
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      err: { message: 'refused: street=[REDACTED]', stack: expect.stringContaining('street=[REDACTED]') },
    })
    expect(lines[0]).not.toContain('Main')
  })

  it('tells the ids that the request came with', () => {
    const { logger, lines } = capture()
    const stop = logRequests(logger)
    continueTrace(
      { 'x-trace-id': 'abc-123', 'x-request-id': 'r1' },
      'GET /',
      { kind: 'server', attributes: { 'http.request.method': 'GET', 'url.path': '/' } },
      () => {},
    )
    stop()
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ external_id: 'abc-123', request_id: 'r1', url: '/' })
    expect(lines[0]).not.toContain('correlation_id')
  })

  it('says what it was given wrong', () => {
    expect(() => logRequests(undefined as never)).toThrow('logRequests needs a pino logger')
    expect(() => logRequests(capture().logger, { incoming: false } as never)).toThrow('Option incoming of logRequests is not known')
  })

  it('does not write a bound key twice', () => {
    const { logger, lines } = capture()
    const stop = logRequests(logger.child({ service: 'own' }))
    withSpan('GET', { kind: 'server', attributes: { 'http.request.method': 'GET', 'url.path': '/' } }, () => {})
    stop()
    expect(count(lines[0] ?? '', 'service')).toBe(1)
  })
})
