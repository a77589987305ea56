import { createTracer, memoryExporter, suppressTracing, withSpan, type MemoryExporter, type Tracer } from '@clew/core'
import { resetDefaultTracer } from '@clew/core/adapter'
import { pino, type Logger, type LoggerOptions } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger, type LoggerTraceOptions } from '../src/index.js'

let tracer: Tracer
let exporter: MemoryExporter

beforeEach(() => startTracer({}))

afterEach(async () => {
  await tracer.shutdown()
  resetDefaultTracer()
})

function startTracer(options: Parameters<typeof createTracer>[0]): void {
  resetDefaultTracer()
  exporter = memoryExporter()
  tracer = createTracer({ service: 'shop', exporter, flushOnExit: false, ...options })
}

/** A logger that records debug lines, and its raw lines. */
function capture(options: LoggerOptions & LoggerTraceOptions = {}) {
  const lines: string[] = []
  const logger = createLogger(
    { base: null, timestamp: () => ',"time":1', record: 'debug', ...options },
    { write: (line) => void lines.push(line) },
  )
  return { logger, lines }
}

/** What a request may log, at every level and by children of every kind. */
function logEverything(logger: Logger): void {
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)
    logger[level]({ level_is: level, n: 1 }, 'a %s line', level)
  const child = logger.child({ a: 1 }, { msgPrefix: 'child: ' })
  child.debug('quiet')
  child.info('loud')
  child.child({ b: 2 }).debug({ c: 3 }, 'quieter')
  logger.child({}, { level: 'warn' }).info('not written')
  logger.child({}, { level: 'trace' }).trace('written')
  logger.debug(new Error('quiet error'))
  logger.debug({ err: new Error('quiet field') }, 'with it')
  logger.level = 'error'
  logger.warn('switched off')
  logger.level = 'debug'
  logger.debug('switched on')
  logger.level = 'info'
  logger.debug('off again')
}

async function recorded() {
  await tracer.flush()
  return exporter.logs
}

describe('createLogger({ record })', () => {
  it.each<[string, LoggerOptions]>([
    ['as it is', {}],
    [
      'with formatters and serializers',
      { formatters: { level: (label) => ({ severity: label }), log: (line) => ({ ...line, x: 1 }) }, serializers: { n: () => 'n' } },
    ],
    ['with a mixin, redact and a nested key', { mixin: () => ({ m: 1 }), redact: ['n'], nestedKey: 'data' }],
    ['with hooks', { hooks: { logMethod(args, method) { method.apply(this, args) }, streamWrite: (line) => line.replace('loud', 'LOUD') } }], // prettier-ignore
    ['silent', { level: 'silent' }],
  ])('writes what it wrote without record, byte for byte: %s', (_, options) => {
    const recording = capture(options)
    const lines: string[] = []
    const { record: _record, ...plain } = { base: null, timestamp: () => ',"time":1', record: '', ...options }
    const other = createLogger(plain, { write: (line) => void lines.push(line) })
    for (const run of [(fn: () => void) => fn(), (fn: () => void) => withSpan('request', fn)])
      run(() => {
        logEverything(recording.logger)
        logEverything(other)
      })
    const withoutPlaces = (all: string[]) => all.map((line) => line.replaceAll(/"stack":"[^"]*"/g, ''))
    expect(withoutPlaces(recording.lines)).toEqual(withoutPlaces(lines))
    expect(recording.lines.length).toBeGreaterThan(0)
  })

  it('records the lines of a request in order, with ids, severity, body and attributes', async () => {
    const { logger, lines } = capture({ level: 'info', base: undefined as never })
    logger.debug('before')
    withSpan('request', () => {
      logger.trace('too quiet')
      logger.debug({ order: 7, list: [1, 2] }, 'read %d', 7)
      withSpan('inner', () => logger.child({ bound: true }).warn('loud'))
    })
    logger.info('after')
    const [inner, request] = exporter.spans.length ? exporter.spans : (await tracer.flush(), exporter.spans)
    expect(await recorded()).toEqual([
      {
        traceId: request?.traceId, spanId: request?.spanId, time: expect.any(Number), severityNumber: 5, severityText: 'debug',
        body: 'read 7', attributes: { order: 7, list: [1, 2] },
      },
      {
        traceId: request?.traceId, spanId: inner?.spanId, time: expect.any(Number), severityNumber: 13, severityText: 'warn',
        body: 'loud', attributes: { bound: true },
      },
    ]) // prettier-ignore
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['loud', 'after'])
    for (const { time } of exporter.logs) expect(Math.abs(time - Date.now())).toBeLessThan(60_000)
  })

  it('keeps the debug lines of failed requests alone where the others are not sampled', async () => {
    await tracer.shutdown()
    startTracer({ sampling: { rate: 0 } })
    const { logger } = capture()
    withSpan('fine', () => logger.debug('of the fine one'))
    const fail = () =>
      withSpan('failing', () => {
        logger.debug('of the failing one')
        throw new Error('no')
      })
    expect(fail).toThrow('no')
    expect((await recorded()).map(({ body }) => body)).toEqual(['of the failing one'])
    expect(tracer.stats()).toMatchObject({ logsRecorded: 2, logsPassed: 1 })
  })

  it('masks sensitive names and respects redact and what streamWrite makes of a line', async () => {
    const { logger } = capture({ redact: ['card.holder'], hooks: { streamWrite: (line) => line.replaceAll('internal', '***') } })
    withSpan('request', () => {
      logger.debug({ password: 'hunter2', card: { holder: 'Jo', number: '4111' }, n: 1 }, 'mail to jo@example.com')
      logger.info('an internal line')
      logger.debug('another internal line')
    })
    expect((await recorded()).map(({ body, attributes }) => [body, attributes])).toEqual([
      ['mail to [REDACTED]', { password: '[REDACTED]', 'card.holder': '[Redacted]', 'card.number': '[REDACTED]', n: 1 }],
      ['an *** line', {}],
      ['another *** line', {}],
    ])
  })

  it('tells errors as exceptions', async () => {
    const { logger } = capture()
    withSpan('request', () => logger.debug(new RangeError('no stock', { cause: new Error('why') })))
    const [record] = await recorded()
    expect(record).toMatchObject({
      body: 'no stock',
      attributes: {
        'exception.type': 'RangeError',
        'exception.message': expect.stringContaining('no stock'),
        'exception.stacktrace': expect.stringContaining('at '),
      },
    })
    expect(exporter.spans[0]?.events).toEqual([])
  })

  it('answers isLevelEnabled for what is written, and inside a span for what is recorded', async () => {
    const { logger } = capture()
    const child = logger.child({}, { level: 'error' })
    const asked = () =>
      [logger, child].map((each) => ['trace', 'debug', 'info', 'error', 'unknown'].filter((level) => each.isLevelEnabled(level)))
    expect(asked()).toEqual([['info', 'error'], ['error']])
    withSpan('request', () => {
      expect(asked()).toEqual([
        ['debug', 'info', 'error'],
        ['debug', 'info', 'error'],
      ])
      suppressTracing(() => expect(asked()).toEqual([['info', 'error'], ['error']]))
    })
    expect(logger.level).toBe('info')
    expect(child.levelVal).toBe(50)
  })

  it('tells listeners of a changed level what pino tells them', () => {
    const { logger } = capture()
    const told: unknown[][] = []
    logger.on('level-change', (...args: unknown[]) => void told.push(args.slice(0, 4)))
    logger.level = 'warn'
    logger.child({}, { level: 'error' })
    expect(told[0]).toEqual(['warn', 40, 'info', 30])
    expect(told).toHaveLength(2)
  })

  it('knows custom levels, those of children, too', async () => {
    const { logger } = capture({ customLevels: { notice: 35, verbose: 22 }, record: 'verbose' } as never)
    const own = logger as unknown as Record<string, (message: string) => void>
    withSpan('request', () => {
      own['verbose']?.('custom, quiet')
      own['notice']?.('custom, loud')
      logger.debug('below')
      const child = logger.child({}, { customLevels: { chatty: 25 } }) as unknown as typeof own
      child['chatty']?.('of a child')
    })
    expect((await recorded()).map(({ body, severityNumber, severityText }) => [body, severityNumber, severityText])).toEqual([
      ['custom, quiet', 5, 'verbose'],
      ['custom, loud', 10, 'notice'],
      ['of a child', 7, 'chatty'],
    ])
    expect(() => capture({ record: 'loud' })).toThrow(
      'Option record must be a level of the logger (trace, debug, info, warn, error, fatal), not "loud"',
    )
  })

  it('keeps lines apart that are logged while another is written', async () => {
    const { logger, lines } = capture()
    const chatty = {
      toJSON: () => {
        logger.debug('while serializing')
        return 'done'
      },
    }
    withSpan('request', () => {
      logger.info({ chatty }, 'outer')
      logger.debug({ chatty }, 'quiet outer')
    })
    expect((await recorded()).map(({ body }) => body)).toEqual(['while serializing', 'outer', 'while serializing', 'quiet outer'])
    expect(lines).toHaveLength(1)
  })

  it('sees bindings that a logger was given after its first quiet line', async () => {
    const { logger } = capture()
    const child = logger.child({ a: 1 })
    withSpan('request', () => {
      child.debug('one')
      child.setBindings({ b: 2 })
      child.debug('two')
    })
    expect((await recorded()).map(({ attributes }) => attributes)).toEqual([{ a: 1 }, { a: 1, b: 2 }])
  })

  it('works with multistream', async () => {
    const [low, high]: [string[], string[]] = [[], []]
    const streams = pino.multistream([
      { level: 'debug', stream: { write: (line: string) => void low.push(line) } },
      { level: 'error', stream: { write: (line: string) => void high.push(line) } },
    ])
    const logger = createLogger({ record: 'trace' }, streams)
    withSpan('request', () => {
      logger.debug('quiet')
      logger.info('info')
      logger.error('error')
    })
    expect([low.length, high.length]).toEqual([2, 1])
    expect((await recorded()).map(({ body }) => body)).toEqual(['quiet', 'info', 'error'])
  })
})
