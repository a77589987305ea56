import type { Logger } from 'pino'

/** OpenTelemetry's severity numbers by the labels that loggers use for them (logs data model, "Field: SeverityNumber"; syslog's in appendix B). */
const BY_LABEL: Readonly<Record<string, number>> = {
  trace: 1, verbose: 5, debug: 5, info: 9, notice: 10, warn: 13, warning: 13, error: 17, critical: 18, crit: 18, alert: 19, fatal: 21, emerg: 21, emergency: 21,
} // prettier-ignore

/** OpenTelemetry's severity number of a level: by its label where that is a common one, else by where its number stands between pino's. */
export function toSeverityNumber(logger: Logger, level: number): number {
  switch (level) {
    case 10:
      return 1
    case 20:
      return 5
    case 30:
      return 9
    case 40:
      return 13
    case 50:
      return 17
    case 60:
      return 21
    default:
      return BY_LABEL[logger.levels.labels[level]?.toLowerCase() ?? ''] ?? byNumber(level)
  }
}

/** pino's levels are 10 apart, OpenTelemetry's ranges 4. */
function byNumber(level: number): number {
  return Math.min(24, Math.max(1, 1 + Math.floor(((level - 10) * 4) / 10)))
}
