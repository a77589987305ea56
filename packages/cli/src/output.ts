import { EXIT_FOUND, EXIT_NO_MATCH } from './command-error.js'
import { type Terminal, write } from './terminal.js'

/** Prints lines, each with its line break. */
export async function writeLines(terminal: Terminal, lines: readonly string[]): Promise<void> {
  await write(terminal.stdout, lines.map((line) => `${line}\n`).join(''))
}

/** Prints a value as JSON over several lines. A terminal would obey the control characters that JSON lets through, so those are escaped, too. */
export async function writeJson(terminal: Terminal, value: unknown): Promise<void> {
  const json = JSON.stringify(value, null, 2).replace(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
  await write(terminal.stdout, `${json}\n`)
}

/** Says on stderr that nothing was found, so that stdout stays empty. Returns the exit code. */
export async function reportCount(terminal: Terminal, count: number, what: string): Promise<number> {
  if (count > 0) return EXIT_FOUND
  await write(terminal.stderr, `clew: no ${what} found\n`)
  return EXIT_NO_MATCH
}

/** The mark for what was cut. */
export function cutMark(terminal: Pick<Terminal, 'unicode'>): string {
  return terminal.unicode ? '…' : '~'
}
