// Tables as they stand in docs/reference/performance.md.

/** What was printed, by title. @type {Map<string, string>} */
export const printed = new Map()

/**
 * Prints a Markdown table; numbers must be formatted by the caller.
 *
 * @param {string} title
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function printTable(title, head, rows) {
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const toLine = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  const table = [toLine(head), rule, ...rows.map(toLine)].join('\n')
  printed.set(title, table)
  console.log(`### ${title}\n\n${table}\n`)
}

/**
 * A number with so many decimals; `-` for what is none.
 *
 * @param {number | undefined} value
 * @param {number} [decimals]
 */
export function format(value, decimals = 0) {
  return value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(decimals)
}

/**
 * The middle value and the ends of a list: `3.1 [2.8 to 3.4]`.
 *
 * @param {number} middle
 * @param {readonly number[]} values
 * @param {number} [decimals]
 */
export function formatRange(middle, values, decimals = 1) {
  if (values.length < 2) return format(middle, decimals)
  return `${format(middle, decimals)} [${format(Math.min(...values), decimals)} to ${format(Math.max(...values), decimals)}]`
}
