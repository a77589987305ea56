// `node exit-host.mjs <framework> <deed> <traced|plain>`: a service that does the deed in a handler, asked once by itself. Prints what the caller got.
import { once } from 'node:events'
import { createServer, request } from 'node:http'

const [, , framework = '', what = '', traced] = process.argv
const isTraced = traced === 'traced'
const options = { service: 'exits', flushOnExit: true }

/** @type {Record<string, () => unknown>} */
const DEEDS = {
  'process.exit': () => process.exit(3),
  'process.exit after the answer': () => void setTimeout(() => process.exit(4), 100),
  SIGTERM: () => process.kill(process.pid, 'SIGTERM'),
  SIGKILL: () => process.kill(process.pid, 'SIGKILL'),
  'an uncaught exception': () => void setImmediate(throwNow),
  'an uncaught exception of a listener of the host': () => {
    process.on('uncaughtException', (error) => {
      console.error(`host: ${error.message}`)
      process.exitCode = 5
      server.closeAllConnections()
      server.close()
    })
    setImmediate(throwNow)
  },
  'an unhandled rejection': () => void Promise.reject(toError()),
  'an unhandled rejection that is no error': () => void Promise.reject('thrown'),
  'an exit code that is set': () => void (process.exitCode = 6),
}

/** Without the place, which depends on what is installed. */
function toError() {
  return Object.assign(new RangeError('host failed'), { stack: 'RangeError: host failed' })
}

function throwNow() {
  throw toError()
}

/** @type {Record<string, (handle: () => unknown) => Promise<import('node:http').RequestListener>>} */
const FRAMEWORKS = {
  async express(handle) {
    const { default: express } = await import('express')
    const app = express()
    if (isTraced) app.use((await import('@clew/express')).expressTracing(options))
    app.get('/', (_req, res) => void (handle(), res.send('ok')))
    return app
  },
  async koa(handle) {
    const { default: Koa } = await import('koa')
    const app = new Koa()
    if (isTraced) app.use((await import('@clew/koa')).koaTracing(options))
    app.use((ctx) => void (handle(), (ctx.body = 'ok')))
    return app.callback()
  },
  async hono(handle) {
    const [{ Hono }, { getRequestListener }] = [await import('hono'), await import('@hono/node-server')]
    const app = new Hono()
    if (isTraced) app.use((await import('@clew/hono')).honoTracing(options))
    app.get('/', (c) => (handle(), c.text('ok')))
    const listener = getRequestListener(app.fetch)
    return (req, res) => void listener(req, res)
  },
}

const listener = await FRAMEWORKS[framework]?.(() => DEEDS[what]?.())
if (listener === undefined) throw new Error(`There is no ${framework}`)
const server = createServer(listener)
await once(server.listen(0, '127.0.0.1'), 'listening')
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
request({ port, host: '127.0.0.1', agent: false }, (answer) => {
  let text = ''
  answer.on('data', (chunk) => (text += chunk))
  answer.on('end', () => {
    process.stdout.write(`${answer.statusCode} ${text}\n`)
    if (what === 'an exit code that is set') server.close()
  })
  answer.on('error', () => {})
})
  .on('error', () => {})
  .end()
