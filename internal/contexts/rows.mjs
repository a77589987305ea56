// The rows of docs/reference/contexts.md: where the context of a request was looked for. Each row is a test on every target of its section.

/**
 * What the page says of a row: `kept` needs nothing; `bind` needs `bind` around the callback named in `how`; `carry` needs what `how` says.
 *
 * `since` is the first major version of Node that it is tested on.
 *
 * @typedef {{ name: string, verdict: 'kept' | 'bind' | 'carry', how?: string, since?: number }} Row
 */

/** @typedef {{ title: string, targets: readonly string[], about: string, rows: readonly Row[] }} Section */

/** @param {readonly string[]} names @returns {Row[]} */
function kept(names) {
  return names.map((name) => ({ name, verdict: 'kept' }))
}

/** @param {Record<string, string>} rows @returns {Row[]} */
function bound(rows) {
  return Object.entries(rows).map(([name, how]) => ({ name, verdict: 'bind', how }))
}

/** @param {Record<string, string>} rows @returns {Row[]} */
function carried(rows) {
  return Object.entries(rows).map(([name, how]) => ({ name, verdict: 'carry', how }))
}

const SHARED = {
  'an EventEmitter shared by requests': 'the listener: otherwise it runs in the context of whoever emits',
  'an EventTarget shared by requests': 'the listener',
  'an AbortSignal shared by requests': 'the listener',
  "events of the request's socket": 'the listener: a connection serves many requests',
}

/** @type {readonly Section[]} */
export const SECTIONS = [
  {
    title: 'Express',
    targets: ['express 5', 'express 4'],
    about: 'After `expressTracing()`.',
    rows: [
      ...kept([
        'express.json',
        'express.json of a gzip body',
        'express.json verify',
        'express.json of bad JSON: error middleware',
        'express.urlencoded',
        'express.raw',
        'express.text',
        'multer: memory storage',
        'multer: disk storage',
        'multer: fileFilter',
        'formidable',
        'busboy',
        'cookie-parser',
        'helmet',
        'cors: async options',
        'express-session: regenerate, save',
        'connect-redis: save, reload',
        'passport-local: verify, serialize, logout',
        'compression: drain, finish',
        'express-rate-limit: async keyGenerator',
        'http-proxy-middleware: proxyReq, proxyRes, end',
        'serve-static: fallthrough, setHeaders',
        'morgan: tokens',
        'res.sendFile: callback',
        'for await of the request',
        'listeners of the request added later',
        'data, end and close of the request without a body parser',
        'stream.pipeline from a file through gzip to the response',
        'stream.pipeline from the request through a transform to the response',
        'an async generator piped to the response',
        'res.write and res.end: callbacks, drain',
        'res.setTimeout',
        'patched writeHead and end',
        'finish and close of pipelined responses',
        'events.once',
        'events.on',
        'AbortSignal.timeout',
        'an error after an await: error middleware',
        'the caller goes away during express.json: error middleware',
        'the caller goes away: aborted, close and error of the request, close of the response',
      ]),
      ...bound({ 'callbacks of res.write while earlier responses of a pipeline are under way': 'the callback', ...SHARED }),
    ],
  },
  {
    title: 'Koa',
    targets: ['koa 3', 'koa 2'],
    about: 'After `koaTracing()`.',
    rows: [
      ...kept([
        'after awaiting the next middleware',
        'koa-bodyparser',
        '@koa/bodyparser',
        'koa-body: multipart, events of files',
        'koa-session: async store',
        'koa-compress: body, generator body',
        '@koa/multer',
        '@koa/cors: async origin',
        'koa-static: fallthrough, setHeaders',
        '@koa/router: nested routers, param',
        'koa-passport: verify, serialize',
        'finish and close of the response of an ordinary body',
        'finish and close of the response of a stream',
        'pull of a ReadableStream body',
        'finish and close of pipelined responses',
        'app.on error: a handler that throws',
        'app.on error: a body stream that fails',
        'data, end and close of the request without a body parser',
        'busboy',
        'the caller goes away: aborted, close and error of the request, close of the response',
        'the caller goes away: close of the body stream',
      ]),
      ...bound(SHARED),
    ],
  },
  {
    title: 'Hono',
    targets: ['hono on node-server 2', 'hono on node-server 1'],
    about: 'After `honoTracing()`, served by `@hono/node-server`.',
    rows: [
      ...kept([
        'c.req.json',
        'c.req.text',
        'c.req.parseBody',
        'a reader of the raw body',
        'validator',
        'zValidator: async refine, hook',
        'compress',
        'timeout: onError, the handler that goes on',
        'jwt: the handler',
        'jwt: onError after a refusal',
        'bodyLimit: the handler',
        'bodyLimit: onError',
        'cors: async origin',
        'secureHeaders',
        'etag',
        'logger: print function',
        'requestId: generator',
        'contextStorage: getContext',
        'combine: every',
        'basicAuth: verifyUser',
        'csrf: origin',
        'cache: without a cache, the handler',
        'stream: after a pause, onError',
        'streamText: after a pause',
        'streamSSE: after a pause',
        'stream.onAbort',
        'onError',
        'notFound',
        'app.route, basePath',
        'app.mount',
        'promises that nobody awaits',
        'pull of a ReadableStream body',
        'cancel of a ReadableStream body',
        'abort of c.req.raw.signal',
        'finish and close of the outgoing response',
        'finish and close of pipelined responses',
        'data, end and close of the incoming request',
      ]),
      ...bound(SHARED),
    ],
  },
  {
    title: 'WebSockets',
    targets: ['ws'],
    about: 'After `traceUpgrades(server)`.',
    rows: kept(['ws: connection, message, close', 'ws: callbacks of send']),
  },
  {
    title: 'Node',
    targets: ['node'],
    about: "Twenty requests at once. What Node calls back is the caller's own.",
    rows: [
      ...kept([
        'timers, nextTick, microtasks',
        'promises, thenables, async generators',
        'fs, zlib, crypto, dns: callbacks and promises',
        'child_process: exec, events of spawn',
        "a Worker of one's own: message, exit",
        "streams of one's own: pipeline, transform",
        'http.get with a keep-alive agent of two sockets: all events',
        'fetch on reused connections',
        'an http2 session shared by requests: events of its streams',
        'unhandledRejection and uncaughtException handlers',
      ]),
      ...bound({
        'a queue of callbacks written by hand': 'what is queued',
        'messages of a Worker or MessagePort shared by requests': 'the listener, or send the ids along and call `continueTrace`',
        'a TCP connection shared by requests: its answers': 'what waits for the answer',
        'timers mocked by node:test': 'the callback: otherwise it runs in the context of whoever calls `tick`',
        'an async generator shared by requests': 'what it calls: its body runs in the context of the first caller',
      }),
    ],
  },
  {
    title: 'Databases and queues',
    targets: ['databases'],
    about: 'Pools of two connections, exhausted, opened by the first request. What is awaited is always own; callbacks and events are not.',
    rows: [
      ...kept([
        'ioredis: commands, callbacks, pipeline, multi, Lua, scanStream',
        'redis: commands, multi, eval',
        'pg: promises of an exhausted pool',
        'postgres: await, begin, cursor',
        'knex: queries, transaction, events',
        'kysely: queries, transaction',
        'drizzle: queries, transaction',
        'bullmq: add, waitUntilFinished',
      ]),
      { name: 'node:sqlite: queries, functions of the application', verdict: 'kept', since: 24 },
      ...bound({
        'redis: a task of createClientPool': 'the task',
        'pg: callbacks of a pool': 'the callback',
        'pg-query-stream: events': 'the listeners',
        'postgres: forEach': 'the function',
      }),
      ...carried({
        'ioredis: messages of a subscription': 'send `getTraceHeaders()` with the message, `continueTrace` in the listener',
        'redis: messages of a subscription': 'the same',
        'bullmq: the processor': '`getTraceHeaders()` in the data of the job, `continueTrace` in the processor',
        'bullmq: the processor of a Worker that a request made': 'the same: without it, every job runs in the context of that request',
      }),
    ],
  },
  {
    title: 'Other libraries',
    targets: ['libraries'],
    about: 'Pools, queues, limits, caches, http clients and streams of other people.',
    rows: [
      ...kept([
        'generic-pool, tarn',
        'p-limit, p-map',
        'p-throttle',
        'async-mutex, async-sema',
        'dataloader of each request',
        'lru-cache: awaiting fetch',
        'lru-cache: fetchMethod, for the first who asks',
        'opossum: fire, fallback',
        'piscina: run',
        'workerpool: awaiting exec',
        'axios: requests, interceptors',
        'node-fetch: head, body',
        'got: promise, hooks',
        "rxjs: timers and pipes of one's own",
        'bluebird: delay, await',
      ]),
      ...bound({
        'p-queue: tasks': 'the task',
        'bottleneck: jobs': 'the job',
        'fastq: tasks': 'the task',
        'async.queue: tasks': 'the task',
        'bluebird: then of its promises': 'the function, or `await` the promise',
        'a dataloader shared by requests: the batch function': 'what it calls, or give each request a loader',
        'a Subject of rxjs shared by requests': 'the observer',
        'eventemitter3 shared by requests': 'the listener',
      }),
      ...carried({
        'node-cron: a task scheduled by a request':
          'it would run in the context of the request that scheduled it: `withSpan(name, { parent: null }, task)`',
      }),
    ],
  },
]

/**
 * @param {string} version
 * @returns {number}
 */
export function majorOf(version) {
  return Number(version.split('.', 1)[0])
}
