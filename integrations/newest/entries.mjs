// Every entry point that a manifest names can be imported, and the command answers.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const ours = Object.keys(dependencies).filter((name) => name === 'clew' || name.startsWith('@clew/'))
assert.ok(ours.length >= 10)

for (const name of ours) {
  const { exports } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'))
  // The conformance suite is for test files: it needs vitest, an optional peer that is not installed here.
  const entries = Object.keys(exports).filter((entry) => entry !== './package.json' && entry !== './conformance')
  for (const entry of entries) {
    const loaded = await import(name + entry.slice(1))
    assert.ok(Object.keys(loaded).length > 0, `${name}${entry.slice(1)} exports nothing`)
    assert.equal(loaded.default, undefined, `${name}${entry.slice(1)} has a default export`)
  }
}

const help = execFileSync('node_modules/.bin/clew', ['--help'], { encoding: 'utf8' })
for (const command of ['serve', 'show', 'search', 'slow', 'errors', 'grep']) assert.match(help, new RegExp(`\\b${command}\\b`))
