import { type Logger, symbols } from 'pino'
import { internalsOf, type LoggerInternals, WILDCARD } from './internals.js'
import { boundKeys, type FieldStyle, jsonWithout, toObject, type TraceFields } from './trace-fields.js'

/** What is known of a logger's lines before there is one. */
interface LinePlan {
  readonly bindings: string
  readonly formatters: LoggerInternals[typeof symbols.formattersSym]
  readonly serializers: LoggerInternals[typeof symbols.serializersSym]
  readonly stringifiers: LoggerInternals[typeof symbols.stringifiersSym]
  /** Keys that stand in the bindings. */
  readonly bound: readonly string[]
  /** True where pino has to see the fields as part of the line, as a formatter, a serializer or its `redact` may be about them. */
  readonly merges: boolean
}

const PLAN: unique symbol = Symbol('clew.line-plan')

interface PlannedLogger {
  [PLAN]?: LinePlan
}

/** The JSON of the fields where they can stand before the line's own, which is nearly always; undefined where `mergeFields` is to be asked. */
export function jsonFor(logger: Logger, line: object, fields: TraceFields): string | undefined {
  const plan = planOf(logger, fields.style)
  if (plan.merges) return undefined
  const { bound } = plan
  for (const key of fields.style.keys) if ((line as Record<string, unknown>)[key] !== undefined) return jsonBeside(line, fields, bound)
  return bound.length === 0 ? fields.json : jsonWithout(fields, bound)
}

function jsonBeside(line: object, fields: TraceFields, bound: readonly string[]): string {
  return jsonWithout(fields, [...bound, ...fields.style.keys.filter((key) => isWritten(line, key))])
}

/** pino leaves undefined values out, and what is inherited. */
function isWritten(line: object, key: string): boolean {
  return Object.hasOwn(line, key) && (line as Record<string, unknown>)[key] !== undefined
}

/** The line with the fields in it; its own win. */
export function mergeFields(logger: Logger, line: object, fields: TraceFields): object {
  return Object.assign(toObject(fields, planOf(logger, fields.style).bound), line)
}

function planOf(logger: Logger, style: FieldStyle): LinePlan {
  const internals = internalsOf(logger)
  const plan = (logger as PlannedLogger)[PLAN]
  if (
    plan !== undefined &&
    plan.bindings === internals[symbols.chindingsSym] &&
    plan.formatters.log === internals[symbols.formattersSym].log &&
    plan.serializers === internals[symbols.serializersSym] &&
    plan.stringifiers === internals[symbols.stringifiersSym]
  )
    return plan
  return ((logger as PlannedLogger)[PLAN] = makePlan(internals, style))
}

function makePlan(internals: LoggerInternals, style: FieldStyle): LinePlan {
  const bindings = internals[symbols.chindingsSym]
  const formatters = internals[symbols.formattersSym]
  const serializers = internals[symbols.serializersSym]
  const stringifiers = internals[symbols.stringifiersSym]
  const isNested = typeof internals[symbols.nestedKeySym] === 'string'
  const isSpecial = style.keys.some((key) => serializers[key] !== undefined || stringifiers[key] !== undefined)
  const merges = isNested || typeof formatters.log === 'function' || isSpecial || stringifiers[WILDCARD] !== undefined
  return { bindings, formatters, serializers, stringifiers, bound: boundKeys(style, bindings), merges }
}
