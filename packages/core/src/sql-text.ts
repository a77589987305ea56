import { maskSql } from './sql.js'

/** Without one of these there is no statement in a text. */
const HINT = /\b(?:select|insert|update|delete|replace|merge|values)\b/i
/** How a statement begins, and what must follow in it for it to be one: "please select" alone is English. */
const STATEMENTS: readonly (readonly [head: RegExp, mate: RegExp])[] = [
  [/\bselect\b/i, /\bfrom\b/i],
  [/\b(?:insert|replace)\s+into\b/i, /\b(?:values|select|set)\b/i],
  [/\bmerge\s+into\b/i, /\busing\b/i],
  [/\bupdate\b/i, /\bset\s+[\w."`[\]]+\s*=/i],
  [/\bdelete\s+from\b/i, /(?:)/],
  [/\bvalues\s*\(/i, /(?:)/],
]
const STACK_FRAME = /\n[ \t]+at [^\n]*:\d+:\d+\)?(?=\n|$)/g
/** Drizzle and others write the values of the placeholders on a line below the statement. */
const PARAMETERS = /^([ \t]*param(?:eter)?s:)[ \t]*\S[^\n]*/gim

/**
 * Masks the literals of SQL statements inside free text, as `maskSql` does: from where the first statement begins up to the stack, or to
 * the end. Lists of parameters below a statement go, too. Returns the text itself where there is no statement.
 *
 * @example
 * maskSqlInText("insert into users values ('Jo', 7) - duplicate key") // 'insert into users values (?, ?) - duplicate key'
 */
export function maskSqlInText(text: string): string {
  if (!HINT.test(text)) return text
  let masked = ''
  let done = 0
  for (const frame of text.matchAll(STACK_FRAME)) {
    masked += maskBlock(text.slice(done, frame.index)) + frame[0]
    done = frame.index + frame[0].length
  }
  return masked + maskBlock(text.slice(done))
}

/** What stands between two stack frames. */
function maskBlock(block: string): string {
  const start = startOfStatement(block)
  if (start === -1) return block
  const end = block.trimEnd().length
  return block.slice(0, start) + maskSql(block.slice(start, end)).replace(PARAMETERS, '$1 ?') + block.slice(end)
}

function startOfStatement(block: string): number {
  const starts = STATEMENTS.map(([head, mate]) => {
    const start = block.search(head)
    return start !== -1 && mate.test(block.slice(start)) ? start : block.length
  })
  const first = Math.min(...starts)
  return first === block.length ? -1 : first
}
