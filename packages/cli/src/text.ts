import stringWidth from 'string-width'

// Controls (C0, DEL, C1), what reorders or hides text (bidirectional marks, zero-width characters, tags), line separators, lone surrogates.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/**
 * Makes a text from a span or a log line safe to print on one line: control characters, ANSI sequences and marks that reorder
 * text are shown as escapes (`\n`, `\x1b`, `\u202e`).
 *
 * @example escapeControls('a\x1b[31mb') // 'a\\x1b[31mb'
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, escapeCharacter)
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return ' '
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`
}

/** Writes a text as one word of a shell's command. */
export function quoteWord(text: string): string {
  return /^[\w.:/+=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** Columns a plain text takes on the screen: wide characters two, combining ones none. */
export function measureText(text: string): number {
  return SINGLE_WIDTH.test(text) ? text.length : stringWidth(text)
}

// ASCII, box drawings, blocks and our own signs: what most rows are made of. Anything else costs a walk over grapheme clusters.
const SINGLE_WIDTH = /^[ -~\u2500-\u259f…⋯✗◀·]*$/

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Cuts a plain text to so many columns; the mark (default `…`) says that something is missing. Characters are never split. */
export function truncateText(text: string, width: number, mark = '…'): string {
  if (measureText(text) <= width) return text
  const room = width - mark.length
  if (room < 0) return ''
  let kept = ''
  let used = 0
  for (const { segment } of SEGMENTER.segment(text)) {
    used += measureText(segment)
    if (used > room) break
    kept += segment
  }
  return kept + mark
}

/** Pads a plain text to so many columns, on its right (`start`) or on its left (`end`). Longer texts are left alone. */
export function alignText(text: string, width: number, align: 'start' | 'end' = 'start'): string {
  const padding = ' '.repeat(Math.max(0, width - measureText(text)))
  return align === 'start' ? text + padding : padding + text
}

/** Breaks a plain text at spaces into lines of at most so many columns; a longer word is cut. */
export function wrapText(text: string, width: number, mark = '…'): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (measureText(longer) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = truncateText(word, width, mark)
  }
  return [...lines, line]
}
