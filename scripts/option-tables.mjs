// Reads what the interfaces of options say: name, type and doc block of each option.
import { readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { inRoot } from './workspace.mjs'

/**
 * @typedef {object} Option
 * @property {string} name
 * @property {string} type as it is written
 * @property {boolean} optional
 * @property {string} meaning the doc block without its default
 * @property {string} [fallback] what the doc block says the default is
 */

/** @typedef {{ name: string, meaning: string, bases: string[], options: Option[] }} OptionTable */

/**
 * The interface of that name. Throws where the file has none.
 *
 * @param {string} file relative to the root
 * @param {string} name
 * @returns {OptionTable}
 */
export function readOptionTable(file, name) {
  const text = readFileSync(inRoot(file), 'utf8')
  const { program, comments } = parseSync(file, text)
  for (const statement of program.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : undefined
    if (declaration?.type !== 'TSInterfaceDeclaration' || declaration.id.name !== name) continue
    const source = { text, comments }
    return {
      name,
      meaning: readDocBlock(source, statement.start),
      bases: declaration.extends.map(({ start, end }) => text.slice(start, end)),
      options: declaration.body.body.map((member) => readOption(source, member)),
    }
  }
  throw new Error(`${file} exports no interface ${name}`)
}

/** @typedef {{ text: string, comments: import('oxc-parser').Comment[] }} Source */

/**
 * @param {Source} source
 * @param {import('oxc-parser').TSSignature} member
 * @returns {Option}
 */
function readOption(source, member) {
  if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier' || !member.typeAnnotation)
    throw new Error(`Options are plain properties: ${source.text.slice(member.start, member.end)}`)
  const { start, end } = member.typeAnnotation.typeAnnotation
  const type = source.text.slice(start, end).replaceAll(/\breadonly /g, '')
  return { name: member.key.name, type, optional: member.optional, ...splitDefault(readDocBlock(source, member.start)) }
}

/**
 * The text of the doc block that ends right before `start`, on one line; empty where there is none.
 *
 * @param {Source} source
 * @param {number} start
 */
function readDocBlock({ text, comments }, start) {
  const block = comments.findLast((comment) => comment.end <= start)
  if (!block?.value.startsWith('*') || text.slice(block.end, start).trim() !== '') return ''
  return block.value
    .slice(1)
    .replaceAll(/^\s*\*/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/**
 * A doc block tells its default at its end: "Default: 100.", "Default 10,000 (10 s)." or "...; default 64 MiB."
 *
 * @param {string} text
 * @returns {{ meaning: string, fallback?: string }}
 */
export function splitDefault(text) {
  const match = /(?:^|[.;] )default:? (.+?)\.?$/i.exec(text)
  if (match?.[1] === undefined) return { meaning: text }
  const meaning = text.slice(0, match.index)
  return { meaning: meaning === '' ? '' : `${meaning}.`, fallback: match[1] }
}

const MIB = 1024 * 1024
const LITERAL = /^(`[^`]+`|[\d,]+(?: MiB)?|true|false|none)(?: \([^)]*\))?$/

/**
 * The value that a default names; undefined where it tells more than a literal. "none" is no value.
 *
 * @param {string} fallback
 * @returns {{ value: unknown } | undefined}
 */
export function readLiteral(fallback) {
  const literal = LITERAL.exec(fallback)?.[1]
  if (literal === undefined) return undefined
  if (literal === 'none') return { value: undefined }
  if (literal === 'true' || literal === 'false') return { value: literal === 'true' }
  if (literal.startsWith('`[')) return { value: JSON.parse(literal.slice(1, -1).replaceAll("'", '"')) }
  if (literal.startsWith('`')) return { value: literal.slice(1, -1) }
  return { value: Number.parseInt(literal.replaceAll(',', ''), 10) * (literal.endsWith('MiB') ? MIB : 1) }
}
