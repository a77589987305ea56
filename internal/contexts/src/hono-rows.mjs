// Hono: its helpers and middlewares.
import { EventEmitter, once } from 'node:events'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { bodyLimit } from 'hono/body-limit'
import { cache } from 'hono/cache'
import { every } from 'hono/combine'
import { compress } from 'hono/compress'
import { contextStorage, getContext } from 'hono/context-storage'
import { cors } from 'hono/cors'
import { csrf } from 'hono/csrf'
import { etag } from 'hono/etag'
import { jwt, sign } from 'hono/jwt'
import { logger } from 'hono/logger'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { timeout } from 'hono/timeout'
import { validator } from 'hono/validator'
import { z } from 'zod'
import { HONO_STREAMS } from './hono-streams.mjs'
import { formRequest, jsonRequest, textRequest, turn } from './load.mjs'
import { SHARED_ROWS } from './shared-rows.mjs'

const SECRET = 'ariadne'
const BASIC = `Basic ${Buffer.from('theseus:thread').toString('base64')}`

/** @param {(kit: any) => any} createMiddleware @param {object} [more] @returns {import('./stage.mjs').Row} */
function behind(createMiddleware, more) {
  return {
    mount(kit) {
      kit.app.use(createMiddleware(kit))
      kit.app.all('/', kit.end)
    },
    ...more,
  }
}

/** @param {(c: any, note: (label: string) => void) => Promise<unknown>} read @param {import('./load.mjs').RequestSeed} seed @returns {import('./stage.mjs').Row} */
function reading(read, seed) {
  return {
    seed,
    sees: ['read'],
    mount({ app, note, end }) {
      app.post('/', async (c) => {
        await read(c, (label) => note(c, label))
        note(c, 'read')
        return end(c)
      })
    },
  }
}

/** @param {(kit: any) => any} createGuard @param {object} more @returns {import('./stage.mjs').Row} */
function refusedBy(createGuard, more) {
  return {
    sees: ['onError'],
    mount(kit) {
      kit.app.onError((_error, c) => {
        kit.note(c, 'onError')
        return kit.end(c)
      })
      kit.app.use(createGuard(kit))
      kit.app.all('/', (c) => c.text('never'))
    },
    ...more,
  }
}

/** @type {Record<string, import('./stage.mjs').Row>} */
export const HONO_ROWS = {
  'c.req.json': reading((c) => c.req.json(), jsonRequest()),
  'c.req.text': reading((c) => c.req.text(), textRequest()),
  'c.req.parseBody': reading((c) => c.req.parseBody(), formRequest()),
  'a reader of the raw body': { ...reading(readRaw, textRequest()), sees: ['read', 'chunk'] },
  validator: behind(validate, { seed: jsonRequest(), sees: ['validator'] }),
  'zValidator: async refine, hook': behind(validateWithZod, { seed: jsonRequest(), sees: ['refine', 'hook'] }),
  compress: behind(() => compress({ threshold: 0 }), { seed: { headers: { 'accept-encoding': 'gzip' } } }),
  'timeout: onError, the handler that goes on': { ends: false, sees: ['onError', 'goes on'], mount: mountTimeout },
  'jwt: the handler': {
    ...behind(() => jwt({ secret: SECRET, alg: 'HS256' })),
    seed: { headers: { authorization: `Bearer ${await sign({ sub: 'theseus' }, SECRET)}` } },
  },
  'jwt: onError after a refusal': refusedBy(() => jwt({ secret: SECRET, alg: 'HS256' }), {
    seed: { headers: { authorization: 'Bearer x' } },
  }),
  'bodyLimit: the handler': behind(() => bodyLimit({ maxSize: 10_000 }), { seed: textRequest() }),
  'bodyLimit: onError': {
    seed: textRequest(),
    sees: ['onError'],
    mount({ app, note, end }) {
      app.use(bodyLimit({ maxSize: 10, onError: (c) => (note(c, 'onError'), end(c)) }))
      app.post('/', (c) => c.text('never'))
    },
  },
  'cors: async origin': behind(allowOrigin, { seed: { headers: { origin: 'http://a.test' } }, sees: ['origin'] }),
  secureHeaders: behind(() => secureHeaders()),
  etag: behind(() => etag()),
  'logger: print function': behind(printLines, { sees: ['print'] }),
  'requestId: generator': behind(({ note }) => requestId({ generator: (c) => (note(c, 'generator'), 'r-1') }), { sees: ['generator'] }),
  'contextStorage: getContext': { sees: ['getContext'], mount: mountContextStorage },
  'combine: every': behind(({ note }) => every(pausing(note, 'first'), pausing(note, 'second')), { sees: ['first', 'second'] }),
  'basicAuth: verifyUser': behind(verifyUser, { seed: { headers: { authorization: BASIC } }, sees: ['verifyUser'] }),
  'csrf: origin': behind(checkOrigin, {
    seed: { method: 'POST', headers: { 'content-type': 'text/plain', origin: 'http://a.test' }, body: 'x' },
    sees: ['csrf origin'],
  }),
  'cache: without a cache, the handler': behind(() => cache({ cacheName: 'clew' })),
  onError: refusedBy(() => failing, {}),
  notFound: { sees: ['notFound'], mount: ({ app, note, end }) => app.notFound((c) => (note(c, 'notFound'), end(c))) },
  'app.route, basePath': { seed: { path: '/base/outer/7' }, mount: mountRouters },
  'app.mount': { seed: { path: '/mounted/x' }, sees: ['mounted'], mount: mountForeign },
  'promises that nobody awaits': { sees: ['detached'], mount: mountDetached },
  ...HONO_STREAMS,
  ...SHARED_ROWS,
}

async function readRaw(c, note) {
  const reader = c.req.raw.body.getReader()
  while (!(await reader.read()).done) note('chunk')
}

function validate({ note }) {
  return validator('json', async (value, c) => {
    await turn()
    note(c, 'validator')
    return value
  })
}

/** The schema cannot know the request, so each gets its own. */
function validateWithZod({ note }) {
  return (c, next) => {
    const name = z.string().refine(async () => {
      await turn()
      note(c, 'refine')
      return true
    })
    return zValidator('json', z.object({ name }), () => void note(c, 'hook'))(c, next)
  }
}

function mountTimeout({ app, note }) {
  const late = new EventEmitter().setMaxListeners(0)
  app.onError((_error, c) => {
    note(c, 'onError')
    late.emit(c.req.header('x-trace-id'))
    return c.text('late', 504)
  })
  app.use(timeout(5))
  app.get('/', async (c) => {
    await once(late, c.req.header('x-trace-id'))
    note(c, 'goes on')
    return c.text('too late')
  })
}

function allowOrigin({ note }) {
  return cors({
    async origin(origin, c) {
      await turn()
      note(c, 'origin')
      return origin
    },
  })
}

function printLines({ note }) {
  return (c, next) => logger(() => note(c, 'print'))(c, next)
}

function mountContextStorage({ app, note, end }) {
  app.use(contextStorage())
  app.get('/', async (c) => {
    await turn()
    note(getContext(), 'getContext')
    return end(c)
  })
}

function pausing(note, label) {
  return async (c, next) => {
    await turn()
    note(c, label)
    await next()
  }
}

function verifyUser({ note }) {
  return basicAuth({
    async verifyUser(_name, _password, c) {
      await turn()
      note(c, 'verifyUser')
      return true
    },
  })
}

function checkOrigin({ note }) {
  return csrf({
    origin(_origin, c) {
      note(c, 'csrf origin')
      return true
    },
  })
}

async function failing() {
  await turn()
  throw new Error('The thread broke')
}

function mountRouters({ app, end }) {
  const inner = new Hono().get('/:id', end)
  app.route('/', new Hono().basePath('/base').route('/outer', inner))
}

function mountForeign({ app, noteId }) {
  app.mount('/mounted', async (request) => {
    await turn()
    const own = request.headers.get('x-trace-id')
    for (const label of ['mounted', 'handler', 'timer', 'finish', 'close']) noteId(own, label)
    return new Response('mounted')
  })
}

function mountDetached({ app, note, end }) {
  app.get('/', (c) => {
    void (async () => {
      await turn()
      await turn()
      note(c, 'detached')
    })()
    return end(c)
  })
}
