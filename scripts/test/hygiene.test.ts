import { expect, test } from 'vitest'
import { findBlemishes } from '../checks/hygiene.mjs'

// Put together here, so that this file passes the check itself.
const only = ['it', 'only'].join('.')
const folder = ['', 'root', 'app'].join('/')
const host = ['registry', 'npmjs', 'org'].join('.')

test('names the file, the line and the reason', () => {
  expect(findBlemishes('README.md', `first\nsee ${folder}/x`)).toEqual([
    `README.md:2: names a folder of one machine: ${folder.slice(0, 6)}`,
  ])
})

test('finds hosts of registries and tests that shut out the others', () => {
  expect(findBlemishes('a.json', `"https://${host}/x"`)).toHaveLength(1)
  expect(findBlemishes('a.test.ts', `${only}('works', () => {})`)).toHaveLength(1)
})

test('lets ordinary text and addresses pass', () => {
  expect(findBlemishes('a.md', 'https://example.com/work/ and ./work/out, the root/ folder, it.each')).toEqual([])
  expect(findBlemishes('a.md', `the word ${only} in a text`)).toEqual([])
})
