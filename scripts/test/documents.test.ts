import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { resetDefaultTracer } from '../../packages/core/src/adapter.js'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { inRoot, listFiles } from '../workspace.mjs'

/** A block of a page that begins with "```js runnable". What it prints stands behind its `console.log` as a comment. */
interface Block {
  readonly title: string
  readonly code: string
}

const folder = mkdtempSync(join(tmpdir(), 'clew-documents-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => resetDefaultTracer())

const pages = listFiles().filter((file) => /^(?:docs\/guide\/[^/]+|packages\/[^/]+\/README)\.md$/.test(file))
const blocks = pages.flatMap(readBlocks)

test('there are blocks to run', () => {
  expect(blocks.length).toBeGreaterThan(5)
})

test.each(blocks)('$title runs and prints what it says', async ({ title, code }) => {
  const file = join(folder, `${title.replaceAll(/\W+/g, '-')}.mjs`)
  writeFileSync(file, code.replaceAll(/(?<=from ')[^'.][^']*(?=')/g, resolveSpecifier))
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    await import(pathToFileURL(file).href)
    expect(log.mock.calls.map((values) => format(...values))).toEqual(readExpected(code))
  } finally {
    log.mockRestore()
  }
})

function readBlocks(file: string): Block[] {
  const text = readFileSync(inRoot(file), 'utf8')
  return [...text.matchAll(/^```js runnable\n(.*?)^```$/gms)].map(({ index, 1: code = '' }) => ({
    title: `${file}:${text.slice(0, index).split('\n').length}`,
    code,
  }))
}

function readExpected(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].map(([, expected]) => expected ?? '')
}

const ROOMS = ['examples/express', 'examples/koa', 'examples/hono', 'internal/testkit']

/** Our packages are read from their sources, others from where an example or the test kit has installed them. */
function resolveSpecifier(specifier: string): string {
  const [, name, subpath] = /^@clew\/([^/]+)(\/.+)?$/.exec(specifier) ?? []
  if (name !== undefined) {
    const { exports } = JSON.parse(readFileSync(inRoot('packages', name, 'package.json'), 'utf8'))
    return inRoot('packages', name, exports[`.${subpath ?? ''}`]['@clew/source'])
  }
  if (specifier.startsWith('node:')) return specifier
  const room = ROOMS.find((candidate) => canResolve(specifier, candidate))
  if (room === undefined) throw new Error(`No example has installed ${specifier}`)
  return pathToFileURL(requireOf(room).resolve(specifier)).href
}

function canResolve(specifier: string, room: string): boolean {
  try {
    return requireOf(room).resolve(specifier) !== ''
  } catch {
    return false
  }
}

function requireOf(room: string): NodeJS.Require {
  return createRequire(inRoot(room, 'package.json'))
}
