// The tables of a run, put where docs/reference/performance.md has them.
import { readFile, writeFile } from 'node:fs/promises'

const PAGE = new URL('../docs/reference/performance.md', import.meta.url)
/** What stands behind the last table. */
const END = '\n## Goals'

/**
 * Replaces the tables of the same titles, and adds those that the page does not have yet behind the others.
 *
 * @param {ReadonlyMap<string, string>} tables by title
 * @param {string} source where and by which command they came about
 */
export async function writeTables(tables, source) {
  let page = await readFile(PAGE, 'utf8')
  for (const [title, table] of tables) page = withSection(page, `### ${title}\n`, `### ${title}\n\n${source}\n\n${table}\n`)
  await writeFile(PAGE, page)
}

/**
 * @param {string} page
 * @param {string} heading
 * @param {string} section
 */
function withSection(page, heading, section) {
  const start = page.indexOf(`\n${heading}`) + 1
  if (start === 0) return page.replace(END, () => `\n${section}${END}`)
  const next = page.slice(start + heading.length).search(/^##/m)
  return `${page.slice(0, start)}${section}\n${page.slice(start + heading.length + next)}`
}
