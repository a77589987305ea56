import { describe, expect, it } from 'vitest'
import { TraceError } from '../src/errors.js'
import { resolveOptions, TRACER_OPTION_NAMES } from '../src/options.js'

const resolve = (options: object = {}, env: NodeJS.ProcessEnv = {}) => resolveOptions(options as never, env)

describe('options', () => {
  it('have these defaults', () => {
    expect(resolve()).toMatchObject({
      exporter: 'otlp',
      disabled: false,
      extract: ['w3c', 'b3', 'b3multi', 'datadog', 'jaeger', 'x-trace', 'gcp', 'xray'],
      inject: ['w3c', 'x-trace'],
      trust: 'continue',
      sampling: { rate: 1, maxTracesPerSecond: 100, rules: [], keepErrors: true, slowerThanMs: 1000 },
      limits: { attributes: 128, events: 128, links: 128, valueLength: 4096, spansPerSegment: 10_000, lateMs: 30_000 },
      queue: { maxBytes: 8_388_608, maxBatchSpans: 256, flushIntervalMs: 1000, exportTimeoutMs: 10_000 },
      metrics: { spans: [], maxSeries: 2000, asked: false },
      flushOnExit: true,
      warnings: [],
    })
  })

  it.each([
    [{ servce: 'x' }, 'Option servce is not known; known are service'],
    [{ service: '' }, 'Option service must be a string that is not empty, not ""'],
    [{ metrics: true }, 'Option metrics must be an object, not true'],
    [{ metrics: { maxSeries: 0 } }, 'Option metrics.maxSeries must be a number of 1 or more, not 0'],
    [{ metrics: { spans: 'price' } }, 'Option metrics.spans must be an array of strings and regular expressions, not "price"'],
    [{ metrics: { series: 1 } }, 'Option metrics.series is not known; known are spans, maxSeries'],
    [{ exporter: {} }, 'Option exporter must be false or an object with export() and close(), not an object'],
    [{ exporter: true }, 'Option exporter must be false or an object with export() and close(), not true'],
    [{ sampling: { rate: 2 } }, 'Option sampling.rate must be a number from 0 to 1, not 2'],
    [{ sampling: { rate: Number.NaN } }, 'Option sampling.rate must be a number from 0 to 1, not NaN'],
    [{ sampling: { keep: { slow: 1 } } }, 'Option sampling.keep.slow is not known; known are errors, slowerThanMs, when'],
    [
      { sampling: { keep: { slowerThanMs: [{ route: '/a' }] } } },
      'Option sampling.keep.slowerThanMs[0] must be { route, ms }, not an object',
    ],
    [{ sampling: { rules: [{ rate: 1 }] } }, 'Option sampling.rules[0].path must be a string or a regular expression, not undefined'],
    [{ sampling: { rules: [{ path: '/' }] } }, 'Option sampling.rules[0].rate must be a number from 0 to 1, not undefined'],
    [
      { propagation: { extract: ['b4'] } },
      'Option propagation.extract[0] must be one of w3c, b3, b3multi, datadog, jaeger, x-trace, gcp, xray, not "b4"',
    ],
    [{ propagation: { trust: 'maybe' } }, 'Option propagation.trust must be one of continue, accept, restart, ignore, not "maybe"'],
    [
      { propagation: { targets: 'http://a' } },
      'Option propagation.targets must be an array of strings and regular expressions, or a function, not "http://a"',
    ],
    [{ limits: { attributes: -1 } }, 'Option limits.attributes must be a number of 0 or more, not -1'],
    [{ queue: { maxBatchSpans: 0 } }, 'Option queue.maxBatchSpans must be a number of 1 or more, not 0'],
    [{ queue: { maxBites: 1 } }, 'Option queue.maxBites is not known; known are maxBytes, maxBatchSpans, flushIntervalMs, exportTimeoutMs'],
    [{ onError: 'log' }, 'Option onError must be a function, not "log"'],
    [{ redact: ['card', ''] }, 'Option redact[1] must be a name with a letter or digit in it, or a regular expression, not ""'],
    [{ redact: ['*'] }, 'Option redact[0] must be a name with a letter or digit in it, or a regular expression, not "*"'],
    [{ flushOnExit: 1 }, 'Option flushOnExit must be true or false, not 1'],
    [null, 'Option object must be an object, not null'],
  ])('refuse %j', (options, message) => {
    try {
      resolve(options as never)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(TraceError)
      expect((error as TraceError).code).toBe('INVALID_OPTION')
      expect((error as TraceError).message).toContain(message)
    }
  })

  it('take names to redact in any script', () => {
    expect(() => resolve({ redact: ['名前', /^x-/, 'card'] })).not.toThrow()
  })

  it('win over the environment', () => {
    const env = { OTEL_SERVICE_NAME: 'env', CLEW_SAMPLE_RATE: '0.5', OTEL_TRACES_EXPORTER: 'console', OTEL_PROPAGATORS: 'tracecontext' }
    expect(resolve({ service: 'code', sampling: { rate: 0.1 }, exporter: false, propagation: { inject: ['x-trace'] } }, env)).toMatchObject(
      {
        service: 'code',
        sampling: { rate: 0.1 },
        exporter: false,
        extract: ['w3c'],
        inject: ['x-trace'],
      },
    )
  })

  it('are all known by name', () => {
    expect(TRACER_OPTION_NAMES).toContain('onSpanEnd')
    expect(() => resolve(Object.fromEntries(TRACER_OPTION_NAMES.map((name) => [name, undefined])))).not.toThrow()
  })
})

describe('environment', () => {
  it.each([
    ['service', { OTEL_SERVICE_NAME: 'a', SERVICE_NAME: 'b' }, { service: 'a' }],
    [
      'service from the resource',
      { OTEL_RESOURCE_ATTRIBUTES: 'service.name=r,service.version=1%2E2,deployment.environment.name=prod,team=a%20b' },
      { service: 'r', version: '1.2', environment: 'prod', attributes: { team: 'a b' } },
    ],
    ['service, plain', { SERVICE_NAME: 'b' }, { service: 'b' }],
    ['empty is absent', { OTEL_SERVICE_NAME: ' ', SERVICE_NAME: 'b' }, { service: 'b' }],
    ['disabled', { OTEL_SDK_DISABLED: 'TRUE' }, { disabled: true }],
    ['exporter none', { OTEL_TRACES_EXPORTER: 'none' }, { exporter: false }],
    ['exporter console', { OTEL_TRACES_EXPORTER: 'console' }, { exporter: 'console' }],
    ['nothing is sent under test', { NODE_ENV: 'test' }, { exporter: false }],
    ['nothing is sent under vitest', { VITEST: 'true' }, { exporter: false }],
    ['unless an exporter is configured', { NODE_ENV: 'test', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' }, { exporter: 'otlp' }],
    ['own rate', { CLEW_SAMPLE_RATE: '0.25', OTEL_TRACES_SAMPLER: 'always_off' }, { sampling: { rate: 0.25 } }],
    [
      'always_on lifts the cap and is not parent-based',
      { OTEL_TRACES_SAMPLER: 'always_on' },
      { sampling: { rate: 1, maxTracesPerSecond: Infinity }, trust: 'accept' },
    ],
    [
      'parentbased_always_on',
      { OTEL_TRACES_SAMPLER: 'parentbased_always_on' },
      { sampling: { rate: 1, maxTracesPerSecond: Infinity }, trust: 'continue' },
    ],
    ['always_off', { OTEL_TRACES_SAMPLER: 'always_off' }, { sampling: { rate: 0 } }],
    [
      'a ratio',
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
      { sampling: { rate: 0.1 }, trust: 'continue' },
    ],
    ['propagators', { OTEL_PROPAGATORS: 'tracecontext,baggage' }, { extract: ['w3c'], inject: ['w3c'] }],
    [
      'propagators of others, in their order',
      { OTEL_PROPAGATORS: 'xray, B3,b3multi,jaeger,datadog,gcp,tracecontext' },
      { extract: ['xray', 'b3', 'b3multi', 'jaeger', 'datadog', 'gcp', 'w3c'] },
    ],
    ['no propagators', { OTEL_PROPAGATORS: 'none' }, { extract: [], inject: [] }],
  ])('%s', (_name, env, expected) => {
    expect(resolve({}, env as NodeJS.ProcessEnv)).toMatchObject({ ...expected, warnings: [] })
  })

  it.each([
    [{ CLEW_SAMPLE_RATE: 'often' }, 'CLEW_SAMPLE_RATE must be a number from 0 to 1, not "often"'],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER must be none, console or otlp, not "zipkin"'],
    [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'OTEL_TRACES_SAMPLER is not a sampler that is known here'],
    [{ OTEL_PROPAGATORS: 'ottrace' }, 'OTEL_PROPAGATORS names a format that is not known here'],
    [{ OTEL_PROPAGATORS: 'constructor' }, 'OTEL_PROPAGATORS names a format that is not known here ("constructor")'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=%zz' }, 'OTEL_RESOURCE_ATTRIBUTES has a member that is not percent-encoded'],
  ])('warns of %j and goes on', (env, message) => {
    const { warnings } = resolve({}, env as NodeJS.ProcessEnv)
    expect(warnings.map((warning) => warning.code)).toEqual(['INVALID_ENV'])
    expect(warnings[0]?.message).toContain(message)
  })
})

describe('the environment of metrics', () => {
  const ON = { spans: [], maxSeries: 2000, asked: true }

  it.each<[NodeJS.ProcessEnv, object, unknown]>([
    [{ OTEL_METRICS_EXPORTER: 'none' }, {}, false],
    [{ OTEL_METRICS_EXPORTER: ' None ' }, {}, false],
    [{ OTEL_METRICS_EXPORTER: 'none' }, { metrics: {} }, ON],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, {}, ON],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, { metrics: false }, false],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' }, {}, ON],
    [{ OTEL_METRICS_EXPORTER: '' }, {}, { ...ON, asked: false }],
  ])('%j with %j', (env, options, metrics) => {
    expect(resolve(options, env)).toMatchObject({ metrics, warnings: [] })
  })

  it('names an exporter that is not known', () => {
    const { metrics, warnings } = resolve({}, { OTEL_METRICS_EXPORTER: 'prometheus' })
    expect(metrics).toMatchObject({ asked: false })
    expect(warnings.map(({ message }) => message)).toEqual([
      'Environment variable OTEL_METRICS_EXPORTER must be none or otlp, not "prometheus"; it is ignored',
    ])
  })
})
