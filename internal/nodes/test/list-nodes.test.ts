import { spawnSync } from 'node:child_process'
import { listNodes, majorOf } from '@clew/nodes'
import { expect, test } from 'vitest'

test('the first Node is the one that runs this', () => {
  expect(listNodes()[0]).toEqual({ version: process.versions.node, path: process.execPath })
})

test('every major version is there once, found or with the reason why not', () => {
  const majors = listNodes().map(({ version }) => majorOf(version))
  expect(majors).toEqual([...new Set(majors)])
  expect(majors).toEqual(expect.arrayContaining([24, 26]))
  for (const node of listNodes()) if ('reason' in node) expect(node.reason).toMatch(/^the optional package|does not run here/)
})

test('what was found is the version it says', () => {
  for (const node of listNodes()) {
    if (!('path' in node)) continue
    expect(spawnSync(node.path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim()).toBe(node.version)
  }
})
