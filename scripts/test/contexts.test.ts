import { expect, test } from 'vitest'
import { SECTIONS, majorOf } from '../../internal/contexts/rows.mjs'
import { judgeContexts } from '../checks/contexts.mjs'
import { inRoot } from '../workspace.mjs'

const FILE = inRoot('internal/contexts/suites/all.conformance.test.mjs')

/** A report as vitest writes it, in which every row was tested. */
function reportAll(version: string) {
  const tests = SECTIONS.flatMap(({ targets, rows }) =>
    targets.flatMap((target) =>
      rows.filter(({ since = 0 }) => majorOf(version) >= since).map(({ name }) => ({ target, name, status: 'passed' })),
    ),
  )
  const assertionResults = tests.map(({ target, name, status }) => ({
    ancestorTitles: [`on ${target}`],
    title: name,
    fullName: `on ${target} ${name}`,
    status,
  }))
  return { version, files: [{ name: FILE, status: 'passed', message: '', assertionResults }] }
}

test('a table without gaps has no complaints', () => {
  const { table, missing, skipped } = judgeContexts([reportAll('20.20.2'), reportAll('24.21.0')])
  expect({ missing, skipped }).toEqual({ missing: [], skipped: [] })
  expect(table).toMatch(/^express\.json +\+\+ {2}\+\+$/m)
  expect(table).toMatch(/^node:sqlite: .* {2}\. {2}\+$/m)
  expect(table).not.toMatch(/ [?X-]+$/m)
})

test('a row that one version of a framework did not run is missing', () => {
  const report = reportAll('24.21.0')
  for (const file of report.files)
    file.assertionResults = file.assertionResults.filter(({ fullName }) => fullName !== 'on express 4 multer: memory storage')
  const { table, missing } = judgeContexts([report])
  expect(missing).toEqual(['Node 24.21.0: nothing has tested multer: memory storage on express 4'])
  expect(table).toMatch(/^multer: memory storage +\+\?$/m)
})

test('a row that was skipped is named, and so is one that failed in the table', () => {
  const report = reportAll('24.21.0')
  for (const result of report.files.flatMap((file) => file.assertionResults)) {
    if (result.title === 'knex: queries, transaction, events')
      Object.assign(result, { status: 'skipped', title: `${result.title} (skipped: no PostgreSQL)` })
    if (result.title === 'morgan: tokens') result.status = 'failed'
  }
  const { table, missing, skipped } = judgeContexts([report])
  expect(missing).toEqual([])
  expect(skipped).toEqual(['Node 24.21.0: knex: queries, transaction, events on databases was skipped'])
  expect(table).toMatch(/^morgan: tokens +XX$/m)
  expect(table).toMatch(/^knex: queries, transaction, events +-$/m)
})

test('tests of other packages are no rows', () => {
  const report = reportAll('24.21.0')
  const elsewhere = report.files.map((file) => ({ ...file, name: inRoot('packages/koa/test/koa.conformance.test.ts') }))
  expect(judgeContexts([{ version: report.version, files: elsewhere }]).missing.length).toBeGreaterThan(200)
})
