import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { ROOT, inRoot } from '../workspace.mjs'

/** What is imported when a module is loaded, and what those import, and so on: files, and the names of packages. */
function listLoaded(file: string, found = new Set<string>()): Set<string> {
  found.add(relative(ROOT, file))
  const { module } = parseSync(file, readFileSync(file, 'utf8'))
  for (const specifier of module.staticImports.map(({ moduleRequest }) => moduleRequest.value)) {
    if (!specifier.startsWith('.')) found.add(specifier)
    else if (!found.has(relative(ROOT, join(dirname(file), specifier)))) listLoaded(join(dirname(file), specifier), found)
  }
  return found
}

test.each(['bench', 'clew', 'demo', 'setup', 'test'])(
  'scripts/%s.mjs starts in a fresh checkout: nothing that must be installed is loaded first',
  (name) => {
    const loaded = [...listLoaded(inRoot('scripts', `${name}.mjs`))]
    expect(loaded).toContain('scripts/setup.mjs')
    expect(loaded.filter((specifier) => !specifier.startsWith('node:') && !specifier.endsWith('.mjs'))).toEqual([])
  },
)
