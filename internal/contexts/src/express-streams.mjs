// Express: streams of requests and responses.
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline, Readable, Transform } from 'node:stream'
import { createGzip } from 'node:zlib'
import { textRequest, turn } from './load.mjs'

const SMALL = 'thread '.repeat(100)

/** @param {string} folder */
async function writeText(folder) {
  const file = join(folder, 'text.txt')
  await writeFile(file, SMALL)
  return { file }
}

/** @type {Record<string, import('./stage.mjs').Row>} */
export const EXPRESS_STREAMS = {
  'res.sendFile: callback': { setup: writeText, sees: ['callback'], mount: mountSendFile },
  'for await of the request': { seed: textRequest(), sees: ['chunk'], mount: mountIteration },
  'listeners of the request added later': {
    seed: textRequest(),
    sees: ['data', 'end'],
    mount: ({ app, note, end }) => {
      app.post('/', async (req, res) => {
        for (let n = 0; n < 5; n++) await turn()
        listen(req, note)
        req.on('end', () => end(req, res))
      })
    },
  },
  'data, end and close of the request without a body parser': {
    seed: textRequest(),
    sees: ['data', 'end', 'request close'],
    mount: ({ app, note, end }) => {
      app.post('/', (req, res) => {
        listen(req, note)
        req.on('close', () => note(req, 'request close'))
        req.on('end', () => end(req, res))
      })
    },
  },
  'stream.pipeline from a file through gzip to the response': {
    setup: writeText,
    sees: ['gzip data', 'callback'],
    mount: mountFilePipeline,
  },
  'stream.pipeline from the request through a transform to the response': {
    seed: textRequest(),
    ends: false,
    sees: ['transform', 'flush', 'callback', 'finish', 'close'],
    mount: mountTransform,
  },
  'an async generator piped to the response': { sees: ['generator', 'source end'], mount: mountGenerator },
  'res.write and res.end: callbacks, drain': { pipelined: 1, sees: ['write callback', 'drain', 'end callback'], mount: mountWrites },
  'callbacks of res.write while earlier responses of a pipeline are under way': {
    sees: ['write callback', 'drain', 'end callback'],
    mount: mountWrites,
  },
}

function listen(req, note) {
  req.on('data', () => note(req, 'data'))
  req.on('end', () => note(req, 'end'))
}

function mountSendFile({ app, note, arrive, file }) {
  app.get('/', async (req, res) => {
    await arrive(req, res)
    res.sendFile(file, () => note(req, 'callback'))
  })
}

function mountIteration({ app, note, end }) {
  app.post('/', async (req, res) => {
    for await (const _chunk of req) note(req, 'chunk')
    end(req, res)
  })
}

function mountFilePipeline({ app, note, arrive, file }) {
  app.get('/', async (req, res) => {
    await arrive(req, res)
    const gzip = createGzip()
    gzip.on('data', () => note(req, 'gzip data'))
    pipeline(createReadStream(file), gzip, res, () => note(req, 'callback'))
  })
}

function mountTransform({ app, note }) {
  app.post('/', (req, res) => {
    for (const event of ['finish', 'close']) res.once(event, () => note(req, event))
    const upper = new Transform({
      transform(chunk, _encoding, done) {
        note(req, 'transform')
        done(null, chunk)
      },
      flush(done) {
        note(req, 'flush')
        done()
      },
    })
    pipeline(req, upper, res, () => note(req, 'callback'))
  })
}

function mountGenerator({ app, note, arrive }) {
  app.get('/', async (req, res) => {
    await arrive(req, res)
    async function* generate() {
      for (let n = 0; n < 3; n++) {
        await turn()
        note(req, 'generator')
        yield SMALL
      }
    }
    const source = Readable.from(generate())
    source.on('end', () => note(req, 'source end'))
    source.pipe(res)
  })
}

function mountWrites({ app, note, arrive, keep }) {
  app.get('/', async (req, res) => {
    await arrive(req, res)
    res.once('drain', () => {
      note(req, 'drain')
      res.end('the end', () => note(req, 'end callback'))
    })
    res.write(
      'thread '.repeat(20_000),
      keep(() => note(req, 'write callback')),
    )
  })
}
