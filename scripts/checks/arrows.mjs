// The arrows between the packages go one way. They are read from the manifests and from every import in the sources.
import { readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { inRoot, listFiles, listRooms } from '../workspace.mjs'

/**
 * What a package may import from another one: 'everything', or types alone beside the values and entry points named here.
 *
 * @typedef {'everything' | { values?: string[], entries?: string[] }} Arrow
 */

/** @typedef {{ specifier: string, values: string[] }} Import */

/** A type carries no code; `TraceError` is the one value that everybody who throws shares. */
const TYPES = {}
const TYPES_AND_ERROR = { values: ['TraceError'] }

/** @type {Record<string, Record<string, Arrow>>} */
const ARROWS = {
  '@clew/core': {},
  '@clew/express': { '@clew/core': 'everything' },
  '@clew/koa': { '@clew/core': 'everything' },
  '@clew/hono': { '@clew/core': 'everything' },
  '@clew/pino': { '@clew/core': 'everything' },
  '@clew/analysis': { '@clew/core': TYPES },
  '@clew/store': { '@clew/core': TYPES_AND_ERROR, '@clew/analysis': 'everything' },
  '@clew/interop': { '@clew/core': { values: ['TraceError'], entries: ['@clew/core/otlp'] } },
  '@clew/server': {
    // Mounted in a traced application, it must not trace the reading of traces.
    '@clew/core': { values: ['TraceError', 'suppressTracing'] },
    '@clew/store': 'everything',
    '@clew/interop': 'everything',
    '@clew/analysis': 'everything',
  },
  '@clew/dashboard': { '@clew/core': TYPES, '@clew/store': TYPES, '@clew/analysis': 'everything' },
  clew: {
    '@clew/core': TYPES_AND_ERROR,
    '@clew/server': 'everything',
    '@clew/store': 'everything',
    '@clew/interop': 'everything',
    '@clew/analysis': 'everything',
  },
}

/** These run in a browser too. */
const PLATFORM_FREE = new Set(['@clew/analysis', '@clew/dashboard'])

/** Returns a line per arrow that should not be there. */
export function checkArrows() {
  const rooms = listRooms().filter(({ folder }) => folder.startsWith('packages/'))
  return rooms.flatMap((room) => {
    const allowed = ARROWS[room.manifest.name]
    if (!allowed) return [`${room.folder}: scripts/checks/arrows.mjs does not say what it may import`]
    return [...checkManifest(room, allowed), ...checkSources(room, allowed)]
  })
}

/**
 * What is shipped counts: `devDependencies` are for tests.
 *
 * @param {import('../workspace.mjs').Room} room
 * @param {Record<string, Arrow>} allowed
 */
function checkManifest({ folder, manifest }, allowed) {
  const names = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const wrong = names.filter((name) => isOurs(name) && !allowed[name])
  const heavy = manifest.name === '@clew/core' ? names : []
  return [
    ...wrong.map((name) => `${folder}/package.json: must not depend on ${name}`),
    ...heavy.map((name) => `${folder}/package.json: core has no dependencies, and here is ${name}`),
  ]
}

/**
 * @param {import('../workspace.mjs').Room} room
 * @param {Record<string, Arrow>} allowed
 */
function checkSources({ folder, manifest }, allowed) {
  const sources = listFiles(`${folder}/src`).filter((file) => /\.tsx?$/.test(file))
  return sources.flatMap((file) =>
    listImports(file, readFileSync(inRoot(file), 'utf8')).flatMap((found) => {
      const problem = judgeImport(manifest.name, found, allowed)
      return problem ? [`${file}: ${problem}`] : []
    }),
  )
}

/**
 * Says what is wrong with an import, if anything is.
 *
 * @param {string} importer the name of the package
 * @param {Import} found
 * @param {Record<string, Arrow>} allowed
 */
export function judgeImport(importer, { specifier, values }, allowed) {
  if (specifier.startsWith('node:') && PLATFORM_FREE.has(importer)) return `imports ${specifier}, but this package also runs in a browser`
  if (specifier.startsWith('node:') && importer === '@clew/core' && values.length > 0)
    return `takes ${specifier} itself, and not from builtins.ts`
  const target = packageOf(specifier)
  if (!isOurs(target) || target === importer) return undefined
  const arrow = allowed[target]
  if (!arrow) return `must not import ${specifier}`
  if (arrow === 'everything' || arrow.entries?.includes(specifier)) return undefined
  const wrong = values.filter((value) => !arrow.values?.includes(value))
  return wrong.length === 0 ? undefined : `may import only types from ${specifier}, and imports ${wrong.join(', ')}`
}

/**
 * The imports and re-exports of a source, each with the names of the values (not types) it brings in; `*` for all of them.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Import[]}
 */
export function listImports(file, text) {
  const { module } = parseSync(file, text)
  const imports = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    values: entries.length === 0 ? ['*'] : entries.filter((entry) => !entry.isType).map((entry) => entry.importName.name ?? '*'),
  }))
  const exports = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap((entry) =>
      entry.moduleRequest ? [{ specifier: entry.moduleRequest.value, values: entry.isType ? [] : [entry.importName.name ?? '*'] }] : [],
    ),
  )
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => ({
    specifier: text.slice(moduleRequest.start, moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
    values: ['*'],
  }))
  return [...imports, ...exports, ...dynamic]
}

/** @param {string} specifier */
function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** @param {string} name */
function isOurs(name) {
  return name === 'clew' || name.startsWith('@clew/')
}
