import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { resetDefaultTracer } from '../src/default-tracer.js'
import { createNodeRequestTracer } from '../src/node-request.js'
import { resolveOptions } from '../src/options.js'
import { extractContext, injectContext } from '../src/propagator.js'
import { continueTrace, inject } from '../src/trace-api.js'
import { isSpanId, isTraceId } from '../src/traceparent.js'
import { countLooks } from './count-looks.js'
import { CASES } from './propagation-cases.mjs'
import { defaultTestTracer } from './support.js'

const { extract: ALL } = resolveOptions({}, {})
const rows = Object.values(CASES).flat()
const values = rows.flatMap(({ headers }) => Object.values(headers).flat()).filter((value) => value.length < 1_000)
const NAMES = [
  ...new Set([...rows.flatMap(({ headers }) => Object.keys(headers)), 'x-parent-span-id', 'x-request-id', 'x-correlation-id', 'baggage']),
]

type Headers = Record<string, string | string[]>

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...values))
/** A value that is nearly right: one character of a good one is another. */
const nearlyRight = fc
  .tuple(fc.constantFrom(...values), fc.nat(), fc.string({ unit: 'binary', maxLength: 2 }))
  .map(([text, at, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1))
const anyHeaders: fc.Arbitrary<Headers> = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.oneof(anyText, nearlyRight, fc.array(anyText, { maxLength: 3 })),
)

afterEach(() => resetDefaultTracer())

describe('any bytes in any header', () => {
  it('never throw, give valid ids or none, and leave the headers as they are', () => {
    fc.assert(
      fc.property(anyHeaders, (headers) => {
        const before = JSON.stringify(headers)
        const frozen = Object.freeze(headers)
        const context = extractContext((name) => frozen[name], ALL)
        if (context?.traceId !== undefined) expect(isTraceId(context.traceId)).toBe(true)
        if (context?.spanId !== undefined) expect(isSpanId(context.spanId)).toBe(true)
        expect(JSON.stringify(frozen)).toBe(before)
      }),
      { seed: 11, numRuns: 2_000 },
    )
  })

  it('that name a trace are understood by the next service, in every dialect', () => {
    fc.assert(
      fc.property(anyHeaders, fc.constantFrom(...ALL), (headers, dialect) => {
        const context = extractContext((name) => headers[name], ALL)
        if (context?.traceId === undefined) return
        const sent: Record<string, string> = {}
        injectContext(
          { ...context, traceId: context.traceId, spanId: 'b7ad6b7169203331', flags: 1 },
          [dialect],
          (name, text) => (sent[name] = text),
        )
        for (const text of Object.values(sent)) expect(text).toMatch(/^[\x20-\x7e]+$/)
        const understood = extractContext((name) => sent[name], ALL)
        // A trace id whose lower half is zero has no form in Datadog's headers.
        if (dialect === 'datadog' && /0{16}$/.test(context.traceId)) expect(understood?.traceId).toBeUndefined()
        else expect(understood).toMatchObject({ traceId: context.traceId, spanId: 'b7ad6b7169203331' })
      }),
      { seed: 12, numRuns: 1_000 },
    )
  })

  it('harm no consumer, which gets its message unchanged', async () => {
    await using owned = defaultTestTracer({ sampling: { maxTracesPerSecond: 1e9 } })
    fc.assert(
      fc.property(anyHeaders, (headers) => {
        const before = JSON.stringify(headers)
        const result = continueTrace(Object.freeze(headers), 'consume', () => ({
          sent: inject<Record<string, string>>({}),
          seen: JSON.stringify(headers),
        }))
        expect(result.seen).toBe(before)
        expect(result.sent['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/)
      }),
      { seed: 13, numRuns: 500 },
    )
    expect(owned.errors).toEqual([])
  })

  it('reach the handler of a server as they were sent', async () => {
    await using owned = defaultTestTracer({ sampling: { maxTracesPerSecond: 1e9 } })
    const trace = createNodeRequestTracer()
    const server = createServer((req, res) => {
      const untouched = JSON.stringify([req.headers, req.rawHeaders])
      trace(req, res)
      res.end(JSON.stringify({ same: JSON.stringify([req.headers, req.rawHeaders]) === untouched, headers: req.headers }))
    })
    await new Promise<void>((resolve) => server.listen(0, resolve))
    const { port } = server.address() as AddressInfo
    const sendable = fc.dictionary(fc.constantFrom(...NAMES), fc.stringMatching(/^[!-~\u00a1-\u00ff]{0,80}$/))
    try {
      await fc.assert(
        fc.asyncProperty(sendable, async (headers) => {
          const answer = await send(port, headers)
          expect(answer.same).toBe(true)
          expect(answer.headers).toMatchObject(headers)
        }),
        { seed: 14, numRuns: 100 },
      )
    } finally {
      server.closeAllConnections()
      server.close()
    }
    expect(owned.errors).toEqual([])
  })
})

function send(port: number, headers: Record<string, string>): Promise<{ same: boolean; headers: object }> {
  return new Promise((resolve, reject) => {
    const req = request({ port, headers: { ...headers } }, (res) => {
      let body = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (body += chunk))
      res.on('end', () => resolve(JSON.parse(body) as { same: boolean; headers: object }))
    })
    req.on('error', reject).end()
  })
}

/** The methods that read a whole text. */
const WHOLE = ['split', 'trim', 'toLowerCase', 'replaceAll'] as const

/** How many characters `fn` reads: those that it looks at, those of texts that it takes whole, and those that regular expressions are given. */
function countCharacters(fn: () => void): number {
  let characters = 0
  const restore: (() => void)[] = []
  function replace(owner: object, name: string, cost: (self: unknown, args: unknown[], result: unknown) => number): void {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name) as PropertyDescriptor
    const original = descriptor.value as (...args: unknown[]) => unknown
    const counting = function counting(this: unknown, ...args: unknown[]): unknown {
      const result = original.apply(this, args)
      characters += cost(this, args, result)
      return result
    }
    Object.defineProperty(owner, name, { ...descriptor, value: counting })
    restore.push(() => Object.defineProperty(owner, name, descriptor))
  }
  for (const name of WHOLE) replace(String.prototype, name, (self) => (self as string).length)
  replace(RegExp.prototype, 'exec', (_self, [text]) => String(text).length)
  replace(Array.prototype, 'join', (_self, _args, result) => (result as string).length)
  try {
    return countLooks(fn) + characters
  } finally {
    for (const undo of restore) undo()
  }
}

describe('a header of any length', () => {
  const PIECES = ['a', '0', ' ', ',', ';', 'a,', 'k=v,', 'k=v;p=1,', '%3A', '-', '0af7651916cd43dd8448eb211c80319c,', 'cc-']
  const STARTS = ['', ...values.filter((value) => value.length > 30 && value.length < 300)]

  it('is counted with everything that reads it', () => {
    expect(countCharacters(() => /[bc]/.test('a'.repeat(5_000)))).toBe(5_000)
    expect(countCharacters(() => ['a', 'b'].join('-'))).toBe(3)
    expect(countCharacters(() => 'a b'.split(' '))).toBe(3)
  })

  it.each(NAMES)('is read up to a fixed number of characters: %s', (name) => {
    const others = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-trace-id': '0af7651916cd43dd8448eb211c80319c',
    }
    const base: Headers =
      name === 'tracestate' ? others : name.startsWith('x-b3-') ? { 'x-b3-traceid': '0af7651916cd43dd8448eb211c80319c' } : {}
    for (const piece of PIECES) {
      for (const start of STARTS) {
        const read = (length: number): number => {
          const headers: Headers = { ...base, [name]: start + piece.repeat(Math.ceil(length / piece.length)) }
          return countCharacters(() => void extractContext((asked) => headers[asked], ALL))
        }
        expect(read(200_000)).toBe(read(50_000))
      }
    }
  })

  it.each(NAMES)('and any number of repetitions is read up to a fixed number of characters: %s', (name) => {
    const base: Headers = name === 'tracestate' ? { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } : {}
    for (const value of ['', 'a', 'k=v', 'abc-123', 'x'.repeat(1_000)]) {
      const read = (count: number): number => {
        const headers: Headers = { ...base, [name]: Array.from({ length: count }, () => value) }
        return countCharacters(() => void extractContext((asked) => headers[asked], ALL))
      }
      expect(read(200_000)).toBe(read(50_000))
    }
  })
})
