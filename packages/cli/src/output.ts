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

/** How a list is printed. */
export interface ListOptions<T> {
  /** The server's answer as it is, rather than a table of it. */
  readonly json: boolean | undefined
  /** What the items are, for the sentence that there are none. */
  readonly what: string
  /** True where what was asked for is over, so that nothing of it is on its way. */
  readonly isOver?: boolean
  readonly format: (items: readonly T[], terminal: Terminal) => readonly string[]
}

const MAY_BE_LATE = '; spans may still be on their way: services that could not send them try again within 30 s'

/** Prints a list that a server answered with; where it is empty, stderr says so and stdout stays empty but for JSON. Returns the exit code. */
export async function printList<T>(terminal: Terminal, page: { readonly items: readonly T[] }, options: ListOptions<T>): Promise<number> {
  const { items } = page
  if (options.json) await writeJson(terminal, page)
  else if (items.length > 0) await writeLines(terminal, options.format(items, terminal))
  if (items.length > 0) return EXIT_FOUND
  await write(terminal.stderr, `clew: no ${options.what} found${options.isOver ? '' : MAY_BE_LATE}\n`)
  return EXIT_NO_MATCH
}

/** The mark for what was cut. */
export function cutMark(terminal: Pick<Terminal, 'unicode'>): string {
  return terminal.unicode ? '…' : '~'
}
