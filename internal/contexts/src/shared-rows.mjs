// What requests share, in every framework: a listener runs in the context of whoever emits.
import { EventEmitter, setMaxListeners } from 'node:events'
import { closeAfterwards } from './callers.mjs'

/**
 * `kit.handle` puts a handler of Node's request and response at `/`; `meet` waits there for all other requests.
 *
 * @type {Record<string, import('./stage.mjs').Row>}
 */
export const SHARED_ROWS = {
  'an EventEmitter shared by requests': { sees: ['emitter'], mount: mountEmitter },
  'an EventTarget shared by requests': { sees: ['target'], mount: mountTarget },
  'an AbortSignal shared by requests': { sees: ['signal'], mount: mountSignal },
  "events of the request's socket": { sees: ['socket close'], mount: mountSocket, drive: closeAfterwards },
}

function mountEmitter({ handle, note, keep }) {
  const shared = new EventEmitter().setMaxListeners(0)
  handle((req, meet) => {
    const listener = keep(() => note(req, 'emitter'))
    shared.once('go', listener)
    return meet(() => shared.emit('go'))
  })
}

function mountTarget({ handle, note, keep }) {
  const shared = new EventTarget()
  setMaxListeners(0, shared)
  handle((req, meet) => {
    const listener = keep(() => note(req, 'target'))
    shared.addEventListener('go', listener, { once: true })
    return meet(() => shared.dispatchEvent(new Event('go')))
  })
}

function mountSignal({ handle, note, keep }) {
  let shared = createController()
  handle((req, meet) => {
    const listener = keep(() => note(req, 'signal'))
    shared.signal.addEventListener('abort', listener, { once: true })
    return meet(() => {
      shared.abort()
      shared = createController()
    })
  })
}

function createController() {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

function mountSocket({ handle, note, keep }) {
  handle((req, meet) => {
    const listener = keep(() => note(req, 'socket close'))
    req.socket.once('close', listener)
    return meet()
  })
}
