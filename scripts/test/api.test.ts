import { readFileSync } from 'node:fs'
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
