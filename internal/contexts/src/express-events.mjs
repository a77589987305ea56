// Express: timers, events, errors, callers that go away, and what several requests share.
import { EventEmitter, on, once } from 'node:events'
import { leaveEarly } from './callers.mjs'
import { textRequest, turn } from './load.mjs'
import { SHARED_ROWS } from './shared-rows.mjs'

/** @type {Record<string, import('./stage.mjs').Row>} */
export const EXPRESS_EVENTS = {
  'res.setTimeout': { pipelined: 1, sees: ['timeout'], mount: mountTimeout },
  'patched writeHead and end': { sees: ['writeHead', 'end'], mount: mountPatched },
  'finish and close of pipelined responses': { mount: ({ app, end }) => app.get('/', end) },
  'events.once': { sees: ['once', 'once close'], mount: mountOnce },
  'events.on': { seed: textRequest(), sees: ['on'], mount: mountOn },
  'AbortSignal.timeout': { sees: ['abort'], mount: mountSignal },
  'an error after an await: error middleware': { sees: ['thrown'], mount: mountThrow },
  'the caller goes away during express.json: error middleware': {
    ends: false,
    sees: ['error middleware', 'response close'],
    mount: mountBrokenJson,
    drive: leaveEarly,
  },
  'the caller goes away: aborted, close and error of the request, close of the response': {
    ends: false,
    sees: ['aborted', 'error', 'request close', 'response close'],
    mount: mountAborted,
    drive: leaveEarly,
  },
  ...SHARED_ROWS,
}

function mountTimeout({ app, note, arrive, answer }) {
  app.get('/', async (req, res) => {
    await arrive(req, res)
    res.setTimeout(5, () => {
      note(req, 'timeout')
      answer(res)
    })
  })
}

function mountPatched({ app, note, end }) {
  app.use((req, res, next) => {
    for (const name of ['writeHead', 'end']) {
      const original = res[name]
      res[name] = function patched(...args) {
        note(req, name)
        return Reflect.apply(original, this, args)
      }
    }
    next()
  })
  app.get('/', end)
}

function mountOnce({ app, note, end }) {
  app.get('/', async (req, res) => {
    const emitter = new EventEmitter()
    setTimeout(() => emitter.emit('go'), 1)
    await once(emitter, 'go')
    note(req, 'once')
    end(req, res)
    await once(res, 'close')
    note(req, 'once close')
  })
}

function mountOn({ app, note, end }) {
  app.post('/', async (req, res) => {
    for await (const _chunk of on(req, 'data', { close: ['end'] })) note(req, 'on')
    end(req, res)
  })
}

function mountSignal({ app, note, end }) {
  app.get('/', (req, res) => {
    AbortSignal.timeout(2).addEventListener('abort', () => {
      note(req, 'abort')
      end(req, res)
    })
  })
}

function mountThrow({ app, note, end, version }) {
  app.get('/', async (req, _res, next) => {
    await turn()
    note(req, 'thrown')
    const error = new Error('The thread broke')
    if (version === 5) throw error
    next(error)
  })
  app.use((_error, req, res, _next) => end(req, res))
}

function mountBrokenJson({ app, express, note }) {
  app.post('/', (req, res, next) => {
    res.once('close', () => note(req, 'response close'))
    next()
  })
  app.post('/', express.json())
  app.use((_error, req, res, _next) => {
    note(req, 'error middleware')
    res.status(400).end()
  })
}

function mountAborted({ app, note }) {
  app.post('/', (req, res) => {
    req.resume()
    for (const event of ['aborted', 'error']) req.once(event, () => note(req, event))
    req.once('close', () => note(req, 'request close'))
    res.once('close', () => note(req, 'response close'))
  })
}
