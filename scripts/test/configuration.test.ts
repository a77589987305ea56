import { expect, test } from 'vitest'
import { resolveAdapterOptions } from '../../packages/core/src/adapter-options.js'
import { resolveOptions } from '../../packages/core/src/options.js'
import type { RequestDescription } from '../../packages/core/src/request.js'
import { resolveLogOptions } from '../../packages/pino/src/options.js'
import { resolveOptions as resolveServerOptions } from '../../packages/server/src/options.js'
import { memoryStore } from '../../packages/store/src/index.js'
import { renderConfiguration, SECTIONS } from '../configuration-page.mjs'
import { readLiteral, readOptionTable, splitDefault } from '../option-tables.mjs'

const noEnvironment = {}
const tracer = resolveOptions({}, noEnvironment)
const adapter = resolveAdapterOptions()
const logs = resolveLogOptions()
const server = resolveServerOptions({ store: memoryStore() })

/** What the code reads, under the names that users write. */
const RESOLVED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  TracerOptions: { flushOnExit: tracer.flushOnExit },
  SamplingOptions: { rate: tracer.sampling.rate, maxTracesPerSecond: tracer.sampling.maxTracesPerSecond },
  KeepOptions: {
    errors: tracer.sampling.keepErrors,
    slowerThanMs: tracer.sampling.slowerThanMs,
    when: tracer.sampling.keepWhen,
    maxTracesPerSecond: tracer.sampling.maxKeptPerSecond,
  },
  RecorderOptions: { ...tracer.recorder },
  PropagationOptions: { extract: tracer.extract, inject: tracer.inject, trust: tracer.trust },
  LimitOptions: { ...tracer.limits },
  QueueOptions: { ...tracer.queue },
  AdapterOptions: {
    responseHeaders: adapter.responseHeaders,
    // "none" is the empty list.
    captureRequestHeaders: adapter.captureRequestHeaders.length === 0 ? undefined : adapter.captureRequestHeaders,
  },
  TraceLogOptions: { traceIdField: logs.style.traceIdField, recordErrors: logs.recordErrors },
  FieldNames: { ...logs.style.fields },
  ServerLimits: { ...server.limits },
}

const documented = SECTIONS.flatMap(({ file, names }) => names.map((name) => readOptionTable(file, name)))

test.each(Object.keys(RESOLVED))('%s has the defaults that its doc blocks name', (name) => {
  const { options } = documented.find((table) => table.name === name) ?? { options: [] }
  const literals = options.flatMap((option) => {
    const literal = option.fallback === undefined ? undefined : readLiteral(option.fallback)
    return literal ? [[option.name, literal.value] as const] : []
  })
  expect(literals.length).toBeGreaterThan(0)
  expect(Object.fromEntries(literals)).toEqual(RESOLVED[name])
})

test('the paths that are ignored by default are those that the doc block lists', () => {
  const ignore = documented.find(({ name }) => name === 'AdapterOptions')?.options.find(({ name }) => name === 'ignore')
  const paths = [...(ignore?.fallback ?? '').matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? '')
  expect(paths).toHaveLength(5)
  expect(paths.filter((path) => !adapter.ignore(request(path)))).toEqual([])
  expect(adapter.ignore(request('/orders'))).toBe(false)
})

test('a memory store is as large as its doc block says', async () => {
  await using store = memoryStore()
  const { options } = readOptionTable('packages/store/src/memory-store.ts', 'MemoryStoreOptions')
  const fallback = options.find(({ name }) => name === 'maxBytes')?.fallback ?? ''
  expect((await store.health()).maxBytes).toBe(readLiteral(fallback)?.value)
})

test('the page has a row for every option', () => {
  const page = renderConfiguration()
  for (const { name, options } of documented) {
    expect(page).toContain(`### ${name}\n`)
    for (const option of options) expect(page).toContain(`| \`${option.name}\` | `)
  }
})

test('a default is told apart from the meaning, however it is written', () => {
  expect(splitDefault('Spans per export. Default: 256.')).toEqual({ meaning: 'Spans per export.', fallback: '256' })
  expect(splitDefault('Default: `continue`.')).toEqual({ meaning: '', fallback: '`continue`' })
  expect(splitDefault('Bytes, 1 to 10; default 64 MiB.')).toEqual({ meaning: 'Bytes, 1 to 10.', fallback: '64 MiB' })
  expect(splitDefault('The default tracer counts.')).toEqual({ meaning: 'The default tracer counts.' })
})

test('literals are read as the code writes them', () => {
  expect(readLiteral('8 MiB')).toEqual({ value: 8_388_608 })
  expect(readLiteral('10,000 (10 s)')).toEqual({ value: 10_000 })
  expect(readLiteral("`['w3c', 'x-trace']` (`OTEL_PROPAGATORS`)")).toEqual({ value: ['w3c', 'x-trace'] })
  expect(readLiteral('none')).toEqual({ value: undefined })
  expect(readLiteral('true, unless one was made before')).toBeUndefined()
})

function request(path: string): RequestDescription {
  return { method: 'GET', path, scheme: 'http', header: () => undefined }
}
