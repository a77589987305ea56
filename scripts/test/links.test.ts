import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { inRoot, listFiles } from '../workspace.mjs'

const pages = listFiles().filter((file) => file.endsWith('.md'))

test.each(pages)('the links of %s lead to files and sections that are there', (page) => {
  expect(listLinks(page).filter((link) => !isThere(page, link))).toEqual([])
})

test('a section that is missing is found, and so is a file', () => {
  expect(isThere('README.md', 'docs/guide/sampling.md#two-words')).toBe(true)
  expect(isThere('README.md', 'docs/guide/sampling.md#three-words')).toBe(false)
  expect(isThere('README.md', 'docs/guide/nowhere.md')).toBe(false)
})

/** Links to this repository's own files. Blocks of code hold none. */
function listLinks(page: string): string[] {
  const links = [...readProse(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => !/^[a-z]+:/.test(link))
}

function isThere(page: string, link: string): boolean {
  const [path = '', section] = link.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(inRoot(file))) return false
  return section === undefined || listSections(file).includes(section)
}

/** The anchors of a page's headings, as GitHub makes them. */
function listSections(page: string): string[] {
  return [...readProse(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => toAnchor(heading))
}

function toAnchor(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
  return text.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-')
}

function readProse(page: string): string {
  return readFileSync(inRoot(page), 'utf8').replaceAll(/^```.*?^```/gms, '')
}
