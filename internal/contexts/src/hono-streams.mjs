// Hono: bodies that are streams, and what Node's request and response tell beneath it.
import { stream, streamSSE, streamText } from 'hono/streaming'
import { leaveAnswer } from './callers.mjs'
import { textRequest, turn } from './load.mjs'

const ENDED = { ends: false, drive: leaveAnswer }

/** @type {Record<string, import('./stage.mjs').Row>} */
export const HONO_STREAMS = {
  'stream: after a pause, onError': { sees: ['begun', 'after a pause', 'stream error'], mount: mountStream },
  'streamText: after a pause': { sees: ['begun', 'after a pause'], mount: (kit) => mountHelper(kit, streamText, 'thread') },
  'streamSSE: after a pause': {
    sees: ['begun', 'after a pause'],
    mount: (kit) =>
      mountHelper(kit, (c, write) =>
        streamSSE(c, (sse) => write({ sleep: sse.sleep.bind(sse), write: () => sse.writeSSE({ data: 'x' }) })),
      ),
  },
  'stream.onAbort': { ...ENDED, sees: ['onAbort'], mount: mountOnAbort },
  'pull of a ReadableStream body': { sees: ['pull'], mount: mountPull },
  'cancel of a ReadableStream body': { ...ENDED, sees: ['cancel'], mount: mountCancel },
  'abort of c.req.raw.signal': { ...ENDED, sees: ['abort'], mount: mountSignal },
  'finish and close of the outgoing response': { pipelined: 1, mount: ({ app, end }) => app.get('/', end) },
  'finish and close of pipelined responses': { mount: ({ app, end }) => app.get('/', end) },
  'data, end and close of the incoming request': {
    seed: textRequest(),
    sees: ['data', 'end', 'request close'],
    mount: mountEvents,
  },
}

function mountStream({ app, note, arrive }) {
  app.get('/', async (c) => {
    await arrive(c)
    return stream(
      c,
      async (out) => {
        note(c, 'begun')
        await out.sleep(1)
        note(c, 'after a pause')
        await out.write('thread')
        throw new Error('The thread broke')
      },
      async () => note(c, 'stream error'),
    )
  })
}

function mountHelper({ app, note, arrive }, helper) {
  app.get('/', async (c) => {
    await arrive(c)
    return helper(c, async (out) => {
      note(c, 'begun')
      await out.sleep(1)
      note(c, 'after a pause')
      await out.write('thread')
    })
  })
}

function mountOnAbort({ app, note }) {
  app.get('/', (c) =>
    stream(c, async (out) => {
      const left = new Promise((resolve) => {
        out.onAbort(() => {
          note(c, 'onAbort')
          resolve()
        })
      })
      await out.write('the beginning')
      await left
    }),
  )
}

function mountPull({ app, note, arrive }) {
  app.get('/', async (c) => {
    await arrive(c)
    let count = 0
    const body = new ReadableStream({
      async pull(controller) {
        await turn()
        note(c, 'pull')
        if (++count > 5) controller.close()
        else controller.enqueue(new TextEncoder().encode('thread '.repeat(50)))
      },
    })
    return new Response(body)
  })
}

function mountCancel({ app, note }) {
  app.get('/', (c) => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('the beginning')),
      cancel: () => note(c, 'cancel'),
    })
    return new Response(body)
  })
}

function mountSignal({ app, note }) {
  app.get('/', (c) => {
    c.req.raw.signal.addEventListener('abort', () => note(c, 'abort'))
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('the beginning')) }))
  })
}

function mountEvents({ app, note, end }) {
  app.post('/', async (c) => {
    const { incoming } = c.env
    incoming.on('data', () => note(c, 'data'))
    incoming.on('close', () => note(c, 'request close'))
    await new Promise((resolve) => {
      incoming.on('end', () => {
        note(c, 'end')
        resolve()
      })
    })
    return end(c)
  })
}
