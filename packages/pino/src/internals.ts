import { type Logger, symbols } from 'pino'

/** What of a pino logger is reached through `pino.symbols`, which pino hands out for integrations like this one. */
export interface LoggerInternals {
  [symbols.asJsonSym]: AsJson
  readonly [symbols.chindingsSym]: string
  readonly [symbols.errorKeySym]: string
  readonly [symbols.messageKeySym]: string
  readonly [symbols.levelValSym]: number
  [symbols.setLevelSym]: SetLevel
  [symbols.streamSym]: { write(line: string): void }
  readonly [symbols.nestedKeySym]: string | null | undefined
  readonly [symbols.formattersSym]: { readonly log?: unknown }
  readonly [symbols.serializersSym]: Readonly<Record<string, unknown>>
  readonly [symbols.stringifiersSym]: Readonly<Record<string | symbol, unknown>>
}

/** Writes a line as JSON; `this` is the logger. `time` is a piece of JSON that begins with a comma. */
// oxlint-disable-next-line max-params -- the signature is pino's
export type AsJson = (this: Logger, line: object, message: string | undefined, level: number, time: string) => string

/** Decides which of a logger's methods write; `this` is the logger. */
export type SetLevel = (this: Logger, level: string | number) => void

/** The same logger, its internals in view. */
export function internalsOf(logger: Logger): LoggerInternals {
  return logger as unknown as LoggerInternals
}

/** pino's comparison of a line's level with a threshold: absent from its types. */
export const LEVEL_COMPARISON: symbol = (symbols as unknown as Record<string, symbol>)['levelCompSym'] as symbol
/** What masks every key on the first level, where pino's `redact` has a path that begins with `*`: absent from its types. */
export const WILDCARD: symbol = (symbols as unknown as Record<string, symbol>)['wildcardFirstSym'] as symbol
