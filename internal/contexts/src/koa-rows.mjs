// Koa: what its middlewares and its own handling of answers call.
import { EventEmitter } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { bodyParser } from '@koa/bodyparser'
import cors from '@koa/cors'
import koaMulter from '@koa/multer'
import Router from '@koa/router'
import busboy from 'busboy'
import { koaBody } from 'koa-body'
import classicBodyParser from 'koa-bodyparser'
import compress from 'koa-compress'
import koaPassport from 'koa-passport'
import session from 'koa-session'
import serveStatic from 'koa-static'
import { closeAfterNotes, leaveAnswer, leaveEarly } from './callers.mjs'
import { formRequest, jsonRequest, textRequest, turn } from './load.mjs'
import { teachPassport } from './passport.mjs'
import { SHARED_ROWS } from './shared-rows.mjs'

/** @param {(kit: any) => unknown} createMiddleware @param {object} [more] @returns {import('./stage.mjs').Row} */
function behind(createMiddleware, more) {
  return {
    mount(kit) {
      kit.app.use(createMiddleware(kit))
      kit.app.use(kit.end)
    },
    ...more,
  }
}

/** @type {Record<string, import('./stage.mjs').Row>} */
export const KOA_ROWS = {
  'after awaiting the next middleware': behind(afterNext, { sees: ['after'] }),
  'koa-bodyparser': behind(() => classicBodyParser(), { seed: jsonRequest() }),
  '@koa/bodyparser': behind(() => bodyParser(), { seed: jsonRequest() }),
  'koa-body: multipart, events of files': behind(readFiles, { seed: formRequest(), sees: ['onFileBegin'] }),
  'koa-session: async store': {
    seed: { headers: { cookie: 'koa.sess=thread' } },
    sees: ['store get', 'store set'],
    mount: mountSession,
  },
  'koa-compress: body, generator body': {
    seed: { headers: { 'accept-encoding': 'gzip' } },
    sees: ['generator', 'source end'],
    mount: mountCompress,
  },
  '@koa/multer': behind(storeFiles, { seed: formRequest(), sees: ['destination'] }),
  '@koa/cors: async origin': behind(allowOrigin, { seed: { headers: { origin: 'http://a.test' } }, sees: ['origin'] }),
  'koa-static: fallthrough, setHeaders': {
    ends: false,
    seed: { path: '/missing.txt' },
    sees: ['fallthrough', 'setHeaders', 'finish', 'close'],
    setup: writeText,
    mount: mountStatic,
  },
  '@koa/router: nested routers, param': { seed: { path: '/outer/7/inner' }, sees: ['param'], mount: mountRouter },
  'koa-passport: verify, serialize': {
    seed: { path: '/?username=theseus&password=thread' },
    sees: ['verify', 'serialize', 'authenticated'],
    mount: mountPassport,
  },
  'finish and close of the response of an ordinary body': { pipelined: 1, mount: ({ app, end }) => app.use(end) },
  'finish and close of the response of a stream': { sees: ['generator', 'source end'], mount: mountStream },
  'pull of a ReadableStream body': { sees: ['pull'], mount: mountWebStream },
  'finish and close of pipelined responses': { mount: ({ app, end }) => app.use(end) },
  'app.on error: a handler that throws': { ends: false, sees: ['app error', 'finish', 'close'], mount: mountThrow },
  'app.on error: a body stream that fails': {
    ends: false,
    sees: ['app error'],
    mount: mountBrokenBody,
    drive: closeAfterNotes,
  },
  'data, end and close of the request without a body parser': {
    seed: textRequest(),
    sees: ['data', 'end', 'request close'],
    mount: mountEvents,
  },
  busboy: { seed: formRequest(), sees: ['field', 'file', 'file data', 'file end', 'busboy close'], mount: mountBusboy },
  'the caller goes away: aborted, close and error of the request, close of the response': {
    ends: false,
    sees: ['aborted', 'error', 'request close', 'response close'],
    mount: mountAborted,
    drive: leaveEarly,
  },
  'the caller goes away: close of the body stream': { ends: false, sees: ['body close'], mount: mountEndless, drive: leaveAnswer },
  ...SHARED_ROWS,
}

function afterNext({ note }) {
  return async (ctx, next) => {
    await next()
    note(ctx.req, 'after')
  }
}

function readFiles({ note, folder }) {
  return (ctx, next) =>
    koaBody({ multipart: true, formidable: { uploadDir: folder, onFileBegin: () => note(ctx.req, 'onFileBegin') } })(ctx, next)
}

function mountSession({ app, note, end }) {
  const store = {
    async get(_key, _maxAge, { ctx }) {
      await turn()
      note(ctx.req, 'store get')
      return { visits: 1 }
    },
    async set(_key, _session, _maxAge, { ctx }) {
      await turn()
      note(ctx.req, 'store set')
    },
    destroy() {},
  }
  app.use(session({ store, signed: false }, app))
  app.use((ctx) => {
    ctx.session.visits++
    return end(ctx)
  })
}

function mountCompress({ app, note, arrive }) {
  app.use(compress({ threshold: 0 }))
  app.use(async (ctx) => {
    await arrive(ctx.req, ctx.res)
    ctx.type = 'text'
    ctx.body = createSource((label) => note(ctx.req, label))
  })
}

function createSource(note) {
  async function* generate() {
    for (let n = 0; n < 3; n++) {
      await turn()
      note('generator')
      yield 'thread '.repeat(50)
    }
  }
  return Readable.from(generate()).on('end', () => note('source end'))
}

function storeFiles({ note, folder }) {
  const destination = (req, _file, done) => {
    note(req, 'destination')
    setImmediate(() => done(null, folder))
  }
  return koaMulter({ storage: koaMulter.diskStorage({ destination }) }).single('file')
}

function allowOrigin({ note }) {
  return cors({
    async origin(ctx) {
      await turn()
      note(ctx.req, 'origin')
      return '*'
    },
  })
}

/** @param {string} folder */
async function writeText(folder) {
  await writeFile(join(folder, 'hello.txt'), 'hello')
  return {}
}

function mountStatic({ app, folder, note }) {
  const serve = serveStatic(folder, { setHeaders: (res) => note(res.req, 'setHeaders') })
  app.use(serve)
  app.use((ctx) => {
    note(ctx.req, 'fallthrough')
    for (const event of ['finish', 'close']) ctx.res.once(event, () => note(ctx.req, event))
    ctx.path = '/hello.txt'
    return serve(ctx, () => Promise.resolve())
  })
}

function mountRouter({ app, note, end }) {
  const inner = new Router()
  inner.get('/inner', end)
  const outer = new Router()
  outer.param('id', async (_id, ctx, next) => {
    await turn()
    note(ctx.req, 'param')
    return next()
  })
  outer.use('/outer/:id', inner.routes())
  app.use(outer.routes())
}

function mountPassport({ app, note, end }) {
  const own = teachPassport(new koaPassport.KoaPassport(), note)
  app.keys = ['thread']
  app.use(session({ signed: false }, app))
  app.use(own.initialize())
  app.use(own.session())
  app.use(own.authenticate('local'))
  app.use((ctx) => {
    note(ctx.req, 'authenticated')
    return end(ctx)
  })
}

function mountStream({ app, note, arrive }) {
  app.use(async (ctx) => {
    await arrive(ctx.req, ctx.res)
    ctx.body = createSource((label) => note(ctx.req, label))
  })
}

/** Koa 2 does not know web streams. */
function mountWebStream({ app, note, arrive, version }) {
  app.use(async (ctx) => {
    await arrive(ctx.req, ctx.res)
    let count = 0
    const body = new ReadableStream({
      async pull(controller) {
        await turn()
        note(ctx.req, 'pull')
        if (++count > 5) controller.close()
        else controller.enqueue(new TextEncoder().encode('thread '.repeat(50)))
      },
    })
    ctx.body = version === 3 ? body : Readable.fromWeb(body)
  })
}

function mountThrow({ app, note }) {
  app.on('error', (_error, ctx) => note(ctx.req, 'app error'))
  app.use(async (ctx) => {
    for (const event of ['finish', 'close']) ctx.res.once(event, () => note(ctx.req, event))
    await turn()
    throw new Error('The thread broke')
  })
}

function mountBrokenBody({ app, note }) {
  app.on('error', (_error, ctx) => note(ctx.req, 'app error'))
  app.use((ctx) => {
    const body = new Readable({ read() {} })
    body.push('the beginning')
    setTimeout(() => body.destroy(new Error('The thread broke')), 20)
    ctx.body = body
  })
}

function mountEvents({ app, note, end }) {
  app.use(async (ctx) => {
    const done = new EventEmitter()
    const ended = new Promise((resolve) => done.once('end', resolve))
    ctx.req.on('data', () => note(ctx.req, 'data'))
    ctx.req.on('close', () => note(ctx.req, 'request close'))
    ctx.req.on('end', () => {
      note(ctx.req, 'end')
      done.emit('end')
    })
    await ended
    return end(ctx)
  })
}

function mountBusboy({ app, note, end }) {
  app.use(async (ctx) => {
    const parser = busboy({ headers: ctx.req.headers })
    parser.on('field', () => note(ctx.req, 'field'))
    parser.on('file', (_name, file) => {
      note(ctx.req, 'file')
      file.on('data', () => note(ctx.req, 'file data'))
      file.on('end', () => note(ctx.req, 'file end'))
    })
    await new Promise((resolve) => {
      parser.on('close', () => {
        note(ctx.req, 'busboy close')
        resolve()
      })
      ctx.req.pipe(parser)
    })
    return end(ctx)
  })
}

function mountAborted({ app, note }) {
  app.use(({ req, res }) => {
    req.resume()
    for (const event of ['aborted', 'error']) req.once(event, () => note(req, event))
    req.once('close', () => note(req, 'request close'))
    res.once('close', () => note(req, 'response close'))
    return new Promise(() => {})
  })
}

function mountEndless({ app, note }) {
  app.use((ctx) => {
    const body = new Readable({ read() {} })
    body.push('the beginning')
    body.on('close', () => note(ctx.req, 'body close'))
    ctx.body = body
  })
}
