// Express: what reads bodies.
import { gzipSync } from 'node:zlib'
import busboy from 'busboy'
import formidable from 'formidable'
import multer from 'multer'
import { formRequest, jsonRequest, textRequest } from './load.mjs'

/** @param {(kit: any) => unknown} createParser @param {import('./load.mjs').RequestSeed} seed @returns {import('./stage.mjs').Row} */
function parsedBy(createParser, seed) {
  return { seed, mount: (kit) => kit.app.post('/', createParser(kit), kit.end) }
}

const json = jsonRequest()
const gzipped = { ...json, headers: { ...json.headers, 'content-encoding': 'gzip' }, body: gzipSync(String(json.body)) }
const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `a=1&b=${'2'.repeat(300)}` }
const raw = { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: Buffer.alloc(300, 7) }

/** @type {Record<string, import('./stage.mjs').Row>} */
export const EXPRESS_BODIES = {
  'express.json': parsedBy(({ express }) => express.json(), json),
  'express.json of a gzip body': parsedBy(({ express }) => express.json(), gzipped),
  'express.json verify': {
    ...parsedBy(({ express, note }) => express.json({ verify: (req) => note(req, 'verify') }), json),
    sees: ['verify'],
  },
  'express.json of bad JSON: error middleware': {
    seed: { ...json, body: `{"name": ${'?'.repeat(100)}` },
    mount({ app, express, end }) {
      app.post('/', express.json())
      app.use((_error, req, res, _next) => end(req, res))
    },
  },
  'express.urlencoded': parsedBy(({ express }) => express.urlencoded({ extended: true }), form),
  'express.raw': parsedBy(({ express }) => express.raw(), raw),
  'express.text': parsedBy(({ express }) => express.text(), textRequest()),
  'multer: memory storage': parsedBy(() => multer().single('file'), formRequest()),
  'multer: disk storage': { ...parsedBy(diskStorage, formRequest()), sees: ['destination', 'filename'] },
  'multer: fileFilter': { ...parsedBy(filtered, formRequest()), sees: ['fileFilter'] },
  formidable: { seed: formRequest(), sees: ['file', 'callback'], mount: mountFormidable },
  busboy: { seed: formRequest(), sees: ['field', 'file', 'file data', 'file end', 'busboy close'], mount: mountBusboy },
}

function diskStorage({ note, folder }) {
  let count = 0
  const storage = multer.diskStorage({
    destination(req, _file, done) {
      note(req, 'destination')
      setImmediate(() => done(null, folder))
    },
    filename(req, _file, done) {
      note(req, 'filename')
      setImmediate(() => done(null, String(count++)))
    },
  })
  return multer({ storage }).single('file')
}

function filtered({ note }) {
  const fileFilter = (req, _file, done) => {
    note(req, 'fileFilter')
    setImmediate(() => done(null, true))
  }
  return multer({ fileFilter }).single('file')
}

function mountFormidable({ app, note, end, folder }) {
  app.post('/', (req, res, next) => {
    const incoming = formidable({ uploadDir: folder })
    incoming.on('file', () => note(req, 'file'))
    incoming.parse(req, (error) => {
      note(req, 'callback')
      if (error) next(error)
      else end(req, res)
    })
  })
}

function mountBusboy({ app, note, end }) {
  app.post('/', (req, res) => {
    const parser = busboy({ headers: req.headers })
    parser.on('field', () => note(req, 'field'))
    parser.on('file', (_name, file) => {
      note(req, 'file')
      file.on('data', () => note(req, 'file data'))
      file.on('end', () => note(req, 'file end'))
    })
    parser.on('close', () => {
      note(req, 'busboy close')
      end(req, res)
    })
    req.pipe(parser)
  })
}
