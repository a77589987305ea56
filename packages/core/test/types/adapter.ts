// What the signatures of @clew/core/adapter allow and refuse. It is compiled, never run.
import { createServer } from 'node:http'
import { expectTypeOf } from 'vitest'
import {
  checkOptionNames,
  createNodeRequestTracer,
  createRequestTracer,
  getDefaultTracer,
  getLogSpan,
  getServerRequest,
  isRecorded,
  mountPrefix,
  onSpanEnd,
  readException,
  recordLog,
  redactText,
  resetDefaultTracer,
  resolveAdapterOptions,
  runRequest,
} from '../../src/adapter.js'
import type {
  AdapterOptions,
  BeforeEnd,
  ExceptionInfo,
  LogContent,
  LogLine,
  LogSpan,
  NodeRequestTracer,
  RequestEnd,
  RequestTrace,
  RequestTracer,
  ResolvedAdapterOptions,
  ResponseHeader,
  ServerRequest,
  SpanListener,
} from '../../src/adapter.js'
import type { Tracer } from '../../src/index.js'

const options: AdapterOptions = { ignore: (request) => request.path === '/ping', responseHeaders: ['traceresponse'] }

expectTypeOf(resolveAdapterOptions(options)).toEqualTypeOf<ResolvedAdapterOptions>()
expectTypeOf(checkOptionNames({}, ['a'], 'of x')).toEqualTypeOf<void>()
expectTypeOf(getDefaultTracer()).toExtend<Tracer>()
expectTypeOf(resetDefaultTracer()).toEqualTypeOf<void>()
// @ts-expect-error whose options they are
checkOptionNames({}, ['a'])
// @ts-expect-error there is no such header
resolveAdapterOptions({ responseHeaders: ['X-Request-Id'] satisfies ResponseHeader[] })

const beforeEnd: BeforeEnd<{ route: string }> = (ending, state) => ending.setRoute(state.route, true)
const traceRequest = createNodeRequestTracer(options, beforeEnd)
expectTypeOf(traceRequest).toEqualTypeOf<NodeRequestTracer<{ route: string }>>()
expectTypeOf(createNodeRequestTracer(createRequestTracer())).toEqualTypeOf<NodeRequestTracer>()
expectTypeOf(mountPrefix('/shop/orders', '/orders')).toEqualTypeOf<string>()
// @ts-expect-error the path that is left
mountPrefix('/shop/orders')
createServer((req, res) => {
  expectTypeOf(traceRequest(req, res, { route: '/orders/:id' })).toEqualTypeOf<ServerRequest | undefined>()
  expectTypeOf(getServerRequest(req)).toEqualTypeOf<ServerRequest | undefined>()
  // @ts-expect-error the state that beforeEnd gets
  traceRequest(req, res, { path: '/' })
  // @ts-expect-error the response is needed, too
  traceRequest(req)
})

const begin = createRequestTracer()
expectTypeOf(begin).toEqualTypeOf<RequestTracer>()
const request = begin({ method: 'GET', path: '/', scheme: 'https', header: () => undefined })
expectTypeOf(request).toEqualTypeOf<ServerRequest>()
expectTypeOf(runRequest(request, () => 1)).toEqualTypeOf<number>()
expectTypeOf(request.trace).toEqualTypeOf<RequestTrace | undefined>()
expectTypeOf(request.responseHeaders()).toEqualTypeOf<readonly (readonly [name: string, value: string])[]>()
expectTypeOf(request.end({ statusCode: 500, aborted: false, error: new Error('x') } satisfies Required<RequestEnd>)).toEqualTypeOf<void>()
request.setRoute(undefined)
request.setError('thrown')
request.headWritten()
// @ts-expect-error http or https
begin({ method: 'GET', path: '/', scheme: 'ftp', header: () => undefined })
// @ts-expect-error a getter of headers
begin({ method: 'GET', path: '/', scheme: 'http', header: {} })
// @ts-expect-error a status is a number
request.end({ statusCode: '200' })

expectTypeOf(readException(new Error('x'), 10)).toEqualTypeOf<ExceptionInfo>()
expectTypeOf(isRecorded(new Error('x'), 'id')).toEqualTypeOf<boolean>()
expectTypeOf(redactText('a')).toEqualTypeOf<string>()
const listener: SpanListener = (span, failure) => void [span.name, failure]
expectTypeOf(onSpanEnd(listener, ['server'])).toEqualTypeOf<() => void>()
// @ts-expect-error there is no such kind
onSpanEnd(listener, ['http'])
// @ts-expect-error how long a message may be
readException(new Error('x'))

const line: LogLine = { severityNumber: 9, severityText: 'info', line: 'x', read: (text): LogContent => ({ body: text, attributes: {} }) }
expectTypeOf(recordLog(line)).toEqualTypeOf<void>()
expectTypeOf(getLogSpan()).toEqualTypeOf<LogSpan | undefined>()
// @ts-expect-error a severity is OpenTelemetry's number
recordLog({ ...line, severityNumber: 'info' })
