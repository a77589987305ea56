// Finds what the public packages export, and the example in the doc block of each.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseSync } from 'oxc-parser'
import { inRoot, listPublicRooms } from './workspace.mjs'

/**
 * @typedef {object} Documented
 * @property {string} name as it is exported
 * @property {string} entry how it is imported: `@clew/core/adapter`
 * @property {string} file relative to the root
 * @property {number} line of its declaration, or of the first line of its example
 * @property {string} [example] the code after `@example`, where there is one
 */

/** @typedef {{ name: string, entry: string, file: string, local: string, isType: boolean }} Export */
/** @typedef {ReturnType<typeof parseSync>['program']['body'][number]} Statement */

/**
 * Every function, class and constant that users can import, and every interface that has methods, where it is declared. What a package hands on
 * from another one stands there.
 *
 * @returns {Documented[]}
 */
export function listDocumented() {
  const exports = listEntries().flatMap(({ entry, file }) => listNames(entry, file))
  // Each overload of a function is an export.
  const names = new Map(exports.map((found) => [`${found.entry} ${found.name}`, found]))
  return [...names.values()].filter((found) => !found.isType || hasMethods(found)).map(readDocumented)
}

/** The entry points of the public packages, by the names that users import. */
export function listEntries() {
  return listPublicRooms().flatMap(({ folder, manifest }) =>
    Object.entries(manifest.exports ?? {}).flatMap(([path, target]) => {
      const source = Object(target)['@clew/source']
      return source === undefined ? [] : [{ entry: manifest.name + path.slice(1), file: join(folder, source) }]
    }),
  )
}

/**
 * @param {string} entry
 * @param {string} file
 * @returns {Export[]}
 */
function listNames(entry, file) {
  const { module } = parseSync(file, readFileSync(inRoot(file), 'utf8'))
  return module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ isType, moduleRequest, importName, localName, exportName }) => {
      if (moduleRequest !== null && !moduleRequest.value.startsWith('.')) return []
      const local = importName.name ?? localName.name
      const name = exportName.name ?? local
      if (local === null || name === null) throw new Error(`${file} exports everything of ${moduleRequest?.value}, and names are wanted`)
      const source = moduleRequest === null ? file : join(dirname(file), moduleRequest.value.replace(/\.js$/, '.ts'))
      const found = { name, entry, file: source, local, isType }
      return source === file ? [found] : followExport(found)
    }),
  )
}

/**
 * Past a file that only hands it on.
 *
 * @param {Export} found
 * @returns {Export[]}
 */
function followExport({ name, entry, file, local, isType }) {
  return listNames(entry, file).flatMap((inner) => (inner.name === local ? [{ ...inner, name, isType: isType || inner.isType }] : []))
}

/** @param {Export} found */
function hasMethods({ file, local }) {
  const { program } = parseSync(file, readFileSync(inRoot(file), 'utf8'))
  const declaration = findDeclaration(program.body, local)?.declaration
  return declaration?.type === 'TSInterfaceDeclaration' && declaration.body.body.some(({ type }) => type === 'TSMethodSignature')
}

/**
 * @param {Export} found
 * @returns {Documented}
 */
function readDocumented({ name, entry, file, local }) {
  const text = readFileSync(inRoot(file), 'utf8')
  const { program, comments } = parseSync(file, text)
  const start = findDeclaration(program.body, local)?.start
  if (start === undefined) throw new Error(`${file} does not declare ${local}`)
  const lineOf = (/** @type {number} */ offset) => text.slice(0, offset).split('\n').length
  const block = comments.findLast((comment) => comment.end <= start && comment.value.startsWith('*'))
  // A word to the linter may stand between.
  const isOwn =
    block !== undefined &&
    text
      .slice(block.end, start)
      .replaceAll(/^\s*\/\/.*$/gm, '')
      .trim() === ''
  const match = isOwn ? /@example[^\n]*\n([^@]*(?:@(?!\w+\s*\n)[^@]*)*)$/.exec(block.value) : null
  if (block === undefined || match === null) return { name, entry, file, line: lineOf(start) }
  const example = (match[1] ?? '').replaceAll(/^\s*\* ?/gm, '').trimEnd()
  return { name, entry, file, line: lineOf(block.start + 2 + match.index) + 1, example }
}

/**
 * The first declaration of that name, `export` included: of an overloaded function that is the first overload.
 *
 * @param {readonly Statement[]} statements
 * @param {string} name
 */
function findDeclaration(statements, name) {
  return statements
    .filter((statement) => statement.type === 'ExportNamedDeclaration')
    .find(({ declaration }) => namesOf(declaration).includes(name))
}

/**
 * @param {import('oxc-parser').Declaration | null} declaration
 * @returns {string[]}
 */
function namesOf(declaration) {
  if (declaration === null) return []
  if (declaration.type === 'VariableDeclaration') return declaration.declarations.map(({ id }) => (id.type === 'Identifier' ? id.name : ''))
  return 'id' in declaration && declaration.id?.type === 'Identifier' ? [declaration.id.name] : []
}
