// Makes tests of the rows of a section.
import { bind } from '@clew/core'
import { findPostgres, findRedis } from '@clew/testkit'
import { describe, expect, test } from 'vitest'
import { majorOf, SECTIONS } from '../rows.mjs'

const SERVERS = { redis: { title: 'redis-server', find: findRedis }, postgres: { title: 'PostgreSQL', find: findPostgres } }

/** @template F @param {F} fn @returns {F} */
function leave(fn) {
  return fn
}

/**
 * A test per row of the section, for one of its targets. `run` returns what ran in a foreign context.
 *
 * @param {string} title @param {string} target
 * @param {{ known: Record<string, any>, run: (row: any, keep: typeof bind) => Promise<Record<string, string>> }} tests
 */
export function describeRows(title, target, { known, run }) {
  const section = SECTIONS.find((candidate) => candidate.title === title)
  const rows = section.rows.filter(({ since = 0 }) => majorOf(process.versions.node) >= since)
  describe(`on ${target}`, () => {
    for (const { name, verdict } of rows) {
      const missing = missingServer(known[name]?.needs)
      test.skipIf(missing !== undefined)(`${name}${missing === undefined ? '' : ` (skipped: no ${missing})`}`, async () => {
        const row = known[name]
        if (row === undefined) throw new Error(`Nothing tests the row "${name}"`)
        const needless = verdict === 'bind' && isEmpty(await run(row, leave))
        expect({ needsNoBind: needless, strays: await run(row, bind) }).toEqual({ needsNoBind: false, strays: {} })
      })
    }
  })
  test(`${target}: every row is in the table`, () => {
    expect(Object.keys(known).filter((name) => !section.rows.some((row) => row.name === name))).toEqual([])
  })
}

/** @param {object} strays */
function isEmpty(strays) {
  return Object.keys(strays).length === 0
}

/** @param {'redis' | 'postgres' | undefined} needs */
function missingServer(needs) {
  if (needs === undefined) return undefined
  const { title, find } = SERVERS[needs]
  return find() === undefined ? title : undefined
}
