import { getLogSpan } from '@clew/core/adapter'
import { type Logger, symbols } from 'pino'
import { internalsOf, LEVEL_COMPARISON, type SetLevel } from './internals.js'
import { toSeverityNumber } from './severity.js'

type LogMethod = (this: Logger, ...args: unknown[]) => void

const SHADOW: unique symbol = Symbol('clew.shadow')

/** A logger with the stand-in that writes its quiet lines; children inherit it and tell by `owner` that it is not theirs. */
interface ShadowedLogger {
  [SHADOW]?: { readonly owner: Logger; readonly shadow: Logger }
}

const NOWHERE = { write(): void {} }

/**
 * Gives a logger and its children methods for the levels that are not written but recorded: inside a span they write the line as JSON, as ever,
 * to nowhere. The output, and what `level` says, stay as they are.
 */
export function recordQuietLines(logger: Logger, threshold: number): void {
  const internals = internalsOf(logger)
  const setLevel = internals[symbols.setLevelSym]
  const { isLevelEnabled } = logger
  internals[symbols.setLevelSym] = function setLevelAndRecord(this: Logger, level) {
    setLevel.call(this, level)
    replaceQuietMethods(this, { setLevel, threshold })
  } satisfies SetLevel
  logger.isLevelEnabled = function isEnabledOrRecorded(this: Logger, label) {
    if (isLevelEnabled.call(this, label)) return true
    const level = this.levels.values[label]
    return level !== undefined && isAtLeast(this, level, threshold) && (getLogSpan()?.takesLog(toSeverityNumber(this, level)) ?? false)
  }
  replaceQuietMethods(logger, { setLevel, threshold })
}

/** True where a line of `level` passes the threshold, in the logger's own order of levels. */
export function isAtLeast(logger: Logger, level: number, threshold: number): boolean {
  const compare = (logger as unknown as Record<symbol, ((level: number, threshold: number) => boolean) | undefined>)[LEVEL_COMPARISON]
  return compare === undefined ? level >= threshold : compare(level, threshold)
}

function replaceQuietMethods(logger: Logger, { setLevel, threshold }: { readonly setLevel: SetLevel; readonly threshold: number }): void {
  const output = internalsOf(logger)[symbols.levelValSym]
  const quiet = Object.entries(logger.levels.values).filter(
    ([, level]) => !isAtLeast(logger, level, output) && isAtLeast(logger, level, threshold),
  )
  if (quiet.length === 0) return
  const methods = createMethods(logger, setLevel, quiet)
  for (const [label, level] of quiet)
    (logger as unknown as Record<string, LogMethod>)[label] = createQuietMethod(methods[label] as LogMethod, level)
}

/** pino's own methods of every level, made on a stand-in that has all of them switched on and tells nobody of it. */
function createMethods(logger: Logger, setLevel: SetLevel, quiet: readonly (readonly [string, number])[]): Record<string, LogMethod> {
  const stage = Object.create(logger) as Logger & Record<string, LogMethod>
  Object.assign(stage, { emit: () => false, [LEVEL_COMPARISON]: () => true })
  setLevel.call(stage, quiet[0]?.[0] ?? 'info')
  return stage
}

function createQuietMethod(method: LogMethod, level: number): LogMethod {
  return function recordQuietLine(...args) {
    if (getLogSpan()?.takesLog(toSeverityNumber(this, level))) method.apply(shadowOf(this), args)
  }
}

/** What follows its logger in everything but where lines go. */
function shadowOf(logger: Logger): Logger {
  const known = (logger as ShadowedLogger)[SHADOW]
  if (known?.owner === logger) return known.shadow
  const shadow = Object.create(logger) as Logger
  internalsOf(shadow)[symbols.streamSym] = NOWHERE
  ;(logger as ShadowedLogger)[SHADOW] = { owner: logger, shadow }
  return shadow
}
