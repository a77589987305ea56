import { consoleExporter } from './console-exporter.js'
import { messageOf, TraceError } from './errors.js'
import type { Exporter } from './exporter.js'
import type { ResolvedOptions } from './options.js'
import { otlpExporter } from './otlp-exporter.js'

/** The exporter that the options name; undefined where nothing is exported. */
export function createExporter(choice: ResolvedOptions['exporter'], report: (error: TraceError) => void): Exporter | undefined {
  if (choice === false) return undefined
  if (choice === 'otlp') return createOtlpExporter(report)
  return choice === 'console' ? consoleExporter() : choice
}

/** A bad address in the environment is no reason to fail the host's requests: it is reported, and nothing is exported. */
function createOtlpExporter(report: (error: TraceError) => void): Exporter | undefined {
  try {
    return otlpExporter()
  } catch (error) {
    report(
      new TraceError('INVALID_ENV', `${messageOf(error)}; no spans are exported`, {
        cause: error,
      }),
    )
    return undefined
  }
}
