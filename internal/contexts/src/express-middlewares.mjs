// Express: the middlewares that applications have.
import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { startRedis, startServer } from '@clew/testkit'
import compression from 'compression'
import { RedisStore } from 'connect-redis'
import cookieParser from 'cookie-parser'
import cors from 'cors'
import { rateLimit } from 'express-rate-limit'
import session from 'express-session'
import helmet from 'helmet'
import { createProxyMiddleware } from 'http-proxy-middleware'
import morgan from 'morgan'
import passport from 'passport'
import serveStatic from 'serve-static'
import { createClient } from 'redis'
import { turn } from './load.mjs'
import { teachPassport } from './passport.mjs'

const SESSION = { secret: 'thread', resave: false, saveUninitialized: true }

/** @param {(kit: any) => unknown} createMiddleware @param {string[]} [sees] @returns {import('./stage.mjs').Row} */
function behind(createMiddleware, sees = []) {
  return {
    sees,
    mount(kit) {
      kit.app.use(createMiddleware(kit))
      kit.app.get('/', kit.end)
    },
  }
}

/** @type {Record<string, import('./stage.mjs').Row>} */
export const EXPRESS_MIDDLEWARES = {
  'cookie-parser': { ...behind(() => cookieParser('secret')), seed: { headers: { cookie: 'a=1; b=s%3Ax.y' } } },
  helmet: behind(() => helmet()),
  'cors: async options': behind(corsByRequest, ['options']),
  'express-session: regenerate, save': { sees: ['regenerate', 'save'], mount: mountSession },
  'connect-redis: save, reload': { needs: 'redis', sees: ['save', 'reload'], setup: connectRedis, mount: mountRedisSession },
  'passport-local: verify, serialize, logout': {
    seed: { path: '/?username=theseus&password=thread' },
    sees: ['verify', 'serialize', 'login', 'logout'],
    mount: mountPassport,
  },
  'compression: drain, finish': {
    seed: { headers: { 'accept-encoding': 'gzip' } },
    sees: ['drain'],
    mount: mountCompression,
  },
  'express-rate-limit: async keyGenerator': behind(limitRate, ['keyGenerator']),
  'http-proxy-middleware: proxyReq, proxyRes, end': {
    ends: false,
    sees: ['proxyReq', 'proxyRes', 'end', 'finish', 'close'],
    setup: startUpstream,
    mount: mountProxy,
  },
  'serve-static: fallthrough, setHeaders': {
    ends: false,
    seed: { path: '/missing.txt' },
    sees: ['fallthrough', 'setHeaders', 'finish', 'close'],
    setup: writeText,
    mount: mountStatic,
  },
  'morgan: tokens': behind(({ note }) => morgan((_tokens, req) => note(req, 'tokens')), ['tokens']),
}

function corsByRequest({ note }) {
  return cors((req, done) => {
    setImmediate(() => {
      note(req, 'options')
      done(null, { origin: true })
    })
  })
}

function limitRate({ note }) {
  return rateLimit({
    limit: 1_000_000,
    validate: false,
    async keyGenerator(req) {
      await turn()
      note(req, 'keyGenerator')
      return 'everybody'
    },
  })
}

function mountSession({ app, note, end }) {
  app.use(session(SESSION))
  app.get('/', (req, res, next) => {
    req.session.regenerate((error) => {
      note(req, 'regenerate')
      if (error) return next(error)
      req.session.save((failed) => {
        note(req, 'save')
        if (failed) next(failed)
        else end(req, res)
      })
    })
  })
}

async function connectRedis() {
  const redis = await startRedis()
  const client = await createClient({ url: redis.url }).connect()
  return {
    store: new RedisStore({ client }),
    async close() {
      await client.close()
      await redis[Symbol.asyncDispose]()
    },
  }
}

function mountRedisSession({ app, store, note, end }) {
  app.use(session({ ...SESSION, store }))
  app.get('/', (req, res, next) => {
    req.session.save((error) => {
      note(req, 'save')
      if (error) return next(error)
      req.session.reload((failed) => {
        note(req, 'reload')
        if (failed) next(failed)
        else end(req, res)
      })
    })
  })
}

function mountPassport({ app, note, end }) {
  const own = teachPassport(new passport.Passport(), note)
  app.use(session(SESSION), own.initialize(), own.session())
  app.get('/', own.authenticate('local'), (req, res, next) => {
    note(req, 'login')
    req.logout((error) => {
      note(req, 'logout')
      if (error) next(error)
      else end(req, res)
    })
  })
}

function mountCompression({ app, note, arrive }) {
  app.use(compression({ threshold: 0 }))
  app.get('/', async (req, res) => {
    await arrive(req, res)
    res.type('text')
    res.once('drain', () => {
      note(req, 'drain')
      res.end('the end')
    })
    res.write('thread '.repeat(10_000))
  })
}

async function startUpstream() {
  const upstream = await startServer((_req, res) => res.end('from upstream'))
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  return {
    target: upstream.url,
    agent,
    async close() {
      agent.destroy()
      await upstream[Symbol.asyncDispose]()
    },
  }
}

function mountProxy({ app, target, agent, note }) {
  app.use((req, res, next) => {
    for (const event of ['finish', 'close']) res.once(event, () => note(req, event))
    next()
  })
  const on = {
    proxyReq: (_outgoing, req) => note(req, 'proxyReq'),
    proxyRes(incoming, req) {
      note(req, 'proxyRes')
      incoming.on('end', () => note(req, 'end'))
    },
  }
  app.use(createProxyMiddleware({ target, agent, on }))
}

/** @param {string} folder */
async function writeText(folder) {
  await writeFile(join(folder, 'hello.txt'), 'hello')
  return {}
}

function mountStatic({ app, folder, note }) {
  const serve = serveStatic(folder, { setHeaders: (res) => note(res.req, 'setHeaders') })
  app.use(serve, (req, res, next) => {
    note(req, 'fallthrough')
    for (const event of ['finish', 'close']) res.once(event, () => note(req, event))
    req.url = '/hello.txt'
    serve(req, res, next)
  })
}
