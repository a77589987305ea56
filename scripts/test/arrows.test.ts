import { expect, test } from 'vitest'
import { judgeImport, listImports } from '../checks/arrows.mjs'

const TYPES_ONLY = { '@clew/core': {} }

test('tells types from values in every form of import', () => {
  const source = `
    import type { SpanData } from '@clew/core'
    import { type Trace, joinTrace } from '@clew/analysis'
    import * as store from '@clew/store'
    import './side-effect.js'
    export { startSpan } from '@clew/core'
    export type { Span } from '@clew/core'
    export * from '@clew/interop'
    const redis = await import('@clew/redis')
  `
  const found = listImports('source.ts', source).toSorted((a, b) => a.specifier.localeCompare(b.specifier))
  expect(found).toEqual([
    { specifier: './side-effect.js', values: ['*'] },
    { specifier: '@clew/analysis', values: ['joinTrace'] },
    { specifier: '@clew/core', values: [] },
    { specifier: '@clew/core', values: ['startSpan'] },
    { specifier: '@clew/core', values: [] },
    { specifier: '@clew/interop', values: ['*'] },
    { specifier: '@clew/redis', values: ['*'] },
    { specifier: '@clew/store', values: ['*'] },
  ])
})

test('lets types pass where only types may, and names the values', () => {
  expect(judgeImport('@clew/analysis', { specifier: '@clew/core', values: [] }, TYPES_ONLY)).toBeUndefined()
  expect(judgeImport('@clew/analysis', { specifier: '@clew/core', values: ['withSpan'] }, TYPES_ONLY)).toBe(
    'may import only types from @clew/core, and imports withSpan',
  )
})

test('allows an entry point that is named, and no other', () => {
  const allowed = { '@clew/core': { entries: ['@clew/core/otlp'] } }
  expect(judgeImport('@clew/interop', { specifier: '@clew/core/otlp', values: ['toOtlp'] }, allowed)).toBeUndefined()
  expect(judgeImport('@clew/interop', { specifier: '@clew/core/adapter', values: ['beginRequest'] }, allowed)).toContain('only types')
})

test('refuses an arrow that is not drawn, and what a browser does not have', () => {
  expect(judgeImport('@clew/core', { specifier: '@clew/store', values: [] }, {})).toBe('must not import @clew/store')
  expect(judgeImport('@clew/analysis', { specifier: 'node:fs', values: ['readFileSync'] }, TYPES_ONLY)).toContain('browser')
  expect(judgeImport('@clew/server', { specifier: 'node:fs', values: ['readFileSync'] }, {})).toBeUndefined()
})

test('lets core have the types of Node alone: its modules come from builtins.ts', () => {
  expect(judgeImport('@clew/core', { specifier: 'node:fs', values: ['readFileSync'] }, {})).toContain('builtins.ts')
  expect(judgeImport('@clew/core', { specifier: 'node:http', values: [] }, {})).toBeUndefined()
})
