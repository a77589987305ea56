import { stripVTControlCharacters } from 'node:util'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { measureText } from '../src/text.js'
import { formatWaterfall, type WaterfallOptions } from '../src/waterfall.js'
import { createAnalysis, createSpan, createTrace, failingCheckout, failure, slowCheckout } from './traces.js'

const PLAIN: WaterfallOptions = { width: 100, unicode: true, colors: pc.createColors(false) }

function draw({ trace, analysis }: ReturnType<typeof slowCheckout>, options: Partial<WaterfallOptions> = {}): string {
  return `\n${formatWaterfall(trace, analysis, { ...PLAIN, ...options }).join('\n')}\n`
}

test('draws a slow trace with its bottleneck', () => {
  expect(draw(slowCheckout())).toMatchInlineSnapshot(`
    "
    trace 4bf92f3577b34da6a3ce929d0e0e4736
    gateway POST /checkout · 200 ok · 2,565 ms · 4 services · 8 spans · 2025-11-21 07:39:12.100 UTC

    ◀ orders: 2,412 of 2,565 ms (94 %), in \`SELECT orders\`

    SERVICE   SPAN                 0                           1,283 ms             2,565 ms  DURATION
    gateway   POST /checkout       █████████████████████████████████████████████████████████  2,565 ms
    gateway   ├ GET auth           ▎                                                             10 ms
    auth      │ └ GET /verify      ▏                                                              8 ms
    gateway   ├ POST orders        ▐██████████████████████████████████████████████████████▉   2,502 ms
    orders    │ └ POST /orders     ▐██████████████████████████████████████████████████████▉   2,500 ms
    orders    │   ├ SELECT orders  ▕█████████████████████████████████████████████████████▌    2,412 ms ◀
    orders    │   └ SET order                                                            ▕      0.8 ms
    payments  └ POST /charge                                                              ▕█     48 ms
    "
  `)
})

test('draws a failing trace with its cause, inferred and missing parents', () => {
  expect(draw(failingCheckout())).toMatchInlineSnapshot(`
    "
    trace 4bf92f3577b34da6a3ce929d0e0e4736
    external id abc-123
    gateway POST /checkout · 502 failed · 120 ms · 180 ms with all that followed · 3 services · 5 spans
    2025-11-21 07:39:12.100 UTC

    ✗ payments: CardError: card declined, in \`charge card\`; passed up to gateway

    SERVICE   SPAN                  0                           90 ms                 180 ms  DURATION
    gateway   ✗ POST /checkout      █████████████████████████████████████▍ HTTP 502             120 ms
    gateway   └ ✗ POST payments      ▐█████████████████████████████████▊ HTTP 500               110 ms
    payments    └ ✗ ~ POST /charge     ███████████████████████████████▎                         100 ms
                  │ CardError: card declined
    payments      └ ✗ charge card      ▕█ CardError: card declined                                4 ms
    notifier  ? send mail                                                         ▐█████████     30 ms

    ? The parent of notifier send mail was not recorded.
    ~ the parent was inferred, not recorded
    "
  `)
})

test('calls a request that was answered ok, and counts the errors inside', () => {
  const { trace, analysis } = slowCheckout()
  const spans = trace.spans.map((span, index) => (index === 7 ? { ...span, ...failure('busy') } : span))
  const handled = createTrace(spans, { state: 'completed' })
  expect(draw({ trace: handled, analysis })).toContain('gateway POST /checkout · 200 ok, 1 error inside · 2,565 ms')
  expect(draw({ trace: { ...handled, state: 'responded' }, analysis })).toContain(' · 200 responded, 1 error inside · ')
})

test('calls a call to a bare address by the service that answered', () => {
  const { trace, analysis } = slowCheckout()
  const address = { 'http.request.method': 'POST', 'server.address': '127.0.0.1', 'server.port': 41_667 }
  const spans = trace.spans.map((span) => (span.name === 'POST' ? { ...span, attributes: address } : span))
  expect(draw({ trace: createTrace(spans), analysis })).toContain('gateway   ├ POST orders ')
  expect(draw({ trace: createTrace(spans.filter((span) => span.service !== 'orders')), analysis })).toContain('├ POST 127.0.0.1:41667 ')
})

test('fits 60 columns', () => {
  expect(draw(failingCheckout(), { width: 60 })).toMatchInlineSnapshot(`
    "
    trace 4bf92f3577b34da6a3ce929d0e0e4736
    external id abc-123
    gateway POST /checkout · 502 failed · 120 ms
    180 ms with all that followed · 3 services · 5 spans
    2025-11-21 07:39:12.100 UTC

    ✗ payments: CardError: card declined, in \`charge card\`;
      passed up to gateway

    SERVICE   SPAN                  0         180 ms  DURATION
    gateway   ✗ POST /checkout      ██████████▋         120 ms
              │ HTTP 502
    gateway   └ ✗ POST payments     ▐█████████▎         110 ms
                │ HTTP 500
    payments    └ ✗ ~ POST /charge  ▕████████▊          100 ms
                  │ CardError: card declined
    payments      └ ✗ charge card    ▎                    4 ms
                      CardError: card declined
    notifier  ? send mail                        ▐██     30 ms

    ? The parent of notifier send mail was not recorded.
    ~ the parent was inferred, not recorded
    "
  `)
})

test('draws with ASCII alone where the terminal shows no more', () => {
  expect(draw(slowCheckout(), { unicode: false })).toMatchInlineSnapshot(`
    "
    trace 4bf92f3577b34da6a3ce929d0e0e4736
    gateway POST /checkout | 200 ok | 2,565 ms | 4 services | 8 spans | 2025-11-21 07:39:12.100 UTC

    < orders: 2,412 of 2,565 ms (94 %), in \`SELECT orders\`

    SERVICE   SPAN                 0                           1,283 ms             2,565 ms  DURATION
    gateway   POST /checkout       =========================================================  2,565 ms
    gateway   |-GET auth           =                                                             10 ms
    auth      | \`-GET /verify      =                                                              8 ms
    gateway   |-POST orders        ========================================================   2,502 ms
    orders    | \`-POST /orders     ========================================================   2,500 ms
    orders    |   |-SELECT orders  =======================================================    2,412 ms <
    orders    |   \`-SET order                                                            =      0.8 ms
    payments  \`-POST /charge                                                              ==     48 ms
    "
  `)
})

test('leaves out deeper levels and counts them', () => {
  expect(draw(slowCheckout(), { depth: 1 })).toMatchInlineSnapshot(`
    "
    trace 4bf92f3577b34da6a3ce929d0e0e4736
    gateway POST /checkout · 200 ok · 2,565 ms · 4 services · 8 spans · 2025-11-21 07:39:12.100 UTC

    ◀ orders: 2,412 of 2,565 ms (94 %), in \`SELECT orders\`

    SERVICE   SPAN                0                            1,283 ms             2,565 ms  DURATION
    gateway   POST /checkout      ██████████████████████████████████████████████████████████  2,565 ms
    gateway   ├ GET auth (+1)     ▎                                                              10 ms
    gateway   ├ POST orders (+3)  ▐███████████████████████████████████████████████████████▉   2,502 ms
    payments  └ POST /charge                                                              ▕█     48 ms
    "
  `)
})

test('never draws a line wider than asked for', () => {
  const names = ['日本語のとても長いサービス名', '👩‍👩‍👧‍👦'.repeat(30), 'e\u0301'.repeat(80), 'x'.repeat(300)]
  const spans = Array.from({ length: 40 }, (_, index) => {
    const name = names[index % names.length] ?? ''
    return createSpan(
      [String(index + 1), index === 0 ? '' : String(index), name, `${name} ${index}`, index * 3, 200 - index],
      failure(`${name} 失敗`),
    )
  })
  const trace = createTrace(spans, { externalId: 'y'.repeat(128) })
  for (const width of [60, 77, 100, 200]) {
    for (const unicode of [true, false]) {
      const lines = formatWaterfall(trace, createAnalysis(), { ...PLAIN, width, unicode })
      expect(lines.filter((line) => measureText(line) > width)).toEqual([])
    }
  }
})

test('fits 60 columns however long the trace is', () => {
  const longest = 2 ** 64 / 1e6 // nanoseconds in 64 bits
  for (const duration of [longest, longest / 3]) {
    const trace = createTrace([createSpan(['1', '', 'a-long-service', 'a long name of a span, and more of it', 0, duration])])
    for (const width of [60, 61, 62, 64]) {
      const lines = formatWaterfall(trace, createAnalysis(), { ...PLAIN, width })
      expect(lines.filter((line) => measureText(line) > width)).toEqual([])
    }
  }
})

test('shows control characters of spans instead of obeying them', () => {
  const evil = '\u001b[2J\u001b]0;owned\u0007\r\n\u009b31m\u202e'
  const trace = createTrace(
    [createSpan(['1', '', `svc${evil}`, `GET ${evil}`, 0, 10], failure(evil, { 'http.response.status_code': evil }))],
    {
      externalId: evil,
      issues: [{ kind: 'late', message: evil, spanIds: [], evidence: {} }],
    },
  )
  const analysis = createAnalysis({ kind: 'root-cause', severity: 'error', message: evil, spanIds: [], evidence: {} })
  const text = formatWaterfall(trace, analysis, PLAIN)
  expect(text.filter((line) => /[\p{Cc}\p{Cf}]/u.test(line))).toEqual([])
  expect(text.join('\n')).toContain('\\x1b[2J')
})

test('colours failed rows red and the bottleneck yellow, around the same text', () => {
  const colors = pc.createColors(true)
  const plain = draw(failingCheckout())
  const coloured = draw(failingCheckout(), { colors })
  expect(stripVTControlCharacters(coloured)).toBe(plain)
  expect(coloured).toContain('\u001b[31m    └ ✗ charge card')
  expect(draw(slowCheckout(), { colors })).toContain('\u001b[33m◀\u001b[39m')
})

test('draws a chain of 20,000 spans', () => {
  const spans = Array.from({ length: 20_000 }, (_, index) =>
    createSpan([String(index + 1), index === 0 ? '' : String(index), 's', 'step', index, 20_000 - index]),
  )
  const lines = formatWaterfall(createTrace(spans), createAnalysis(), PLAIN)
  expect(lines.length).toBeGreaterThan(20_000)
  expect(lines.at(-1)).toContain('⋯19999 step')
})

test('draws spans without duration and traces of a moment', () => {
  expect(draw({ trace: createTrace([createSpan(['1', '', 'a', 'tick', 0, 0])]), analysis: createAnalysis() }, { width: 60 }))
    .toMatchInlineSnapshot(`
    "
    trace 4bf92f3577b34da6a3ce929d0e0e4736
    a tick · ok · 0 ms · 1 service · 1 span
    2025-11-21 07:39:12.100 UTC

    SERVICE  SPAN          0           0 ms     0 ms  DURATION
    a        tick          █████████████████████████      0 ms
    "
  `)
})
