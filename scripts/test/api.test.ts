import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { inRoot, listPublicRooms } from '../workspace.mjs'

const page = readFileSync(inRoot('docs/reference/api.md'), 'utf8')

const entries = listPublicRooms().flatMap(({ folder, manifest }) =>
  Object.values(manifest.exports ?? {}).flatMap((target) => {
    const source = (target as Record<string, string>)['@clew/source']
    return source === undefined ? [] : [`${folder}/${source.slice(2)}`]
  }),
)

test('there are entry points of several packages', () => {
  expect(entries.length).toBeGreaterThan(9)
})

test.each(entries)('the page names everything that %s exports', (file) => {
  const names = readExports(readFileSync(inRoot(file), 'utf8'))
  expect(names.length).toBeGreaterThan(0)
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([])
})

test.each(entries)('the type tests import everything that %s exports; unused, it would not compile', (file) => {
  const text = readFileSync(inRoot(file.replace('/src/', '/test/types/')), 'utf8')
  const { module } = parseSync('types.ts', text)
  const source = `../../src/${basename(file, '.ts')}.js`
  const imports = module.staticImports.filter(({ moduleRequest }) => moduleRequest.value === source)
  const tested = imports.flatMap((found) => found.entries.map(({ importName }) => importName.name))
  expect(readExports(readFileSync(inRoot(file), 'utf8')).filter((name) => !tested.includes(name))).toEqual([])
  expect(text.match(/@ts-expect-error/g)?.length ?? 0).toBeGreaterThan(0)
})

test('what is planned is not exported', () => {
  const planned = [...page.matchAll(/^(\w+)\(.*\/\/ planned/gm)].map(([, name]) => name)
  const exported = entries.flatMap((file) => readExports(readFileSync(inRoot(file), 'utf8')))
  expect(planned).toContain('compareTraces')
  expect(planned.filter((name) => name !== 'analyzeTrace' && exported.includes(name ?? ''))).toEqual([])
})

/** Names of `export { a, type B } from`, `export function`, `export interface` and the like. */
function readExports(text: string): string[] {
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','))
  const listed = lists.map((item) => item.trim().replace(/^type |^.* as /, ''))
  const declared = [...text.matchAll(/^export (?:async )?(?:function|const|interface|type|class) (\w+)/gm)].map(([, name]) => name ?? '')
  return [...listed, ...declared].filter((name) => name !== '')
}
