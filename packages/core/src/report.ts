import { type Context, contextStorage } from './context.js'
import type { TraceError } from './errors.js'
import { redactText } from './redact-text.js'
import { callUser } from './user-callback.js'
import { readClock } from './waiting.js'

const SILENCE_MS = 60_000
/** An `onError` that sends requests is not traced where what failed was not. */
const SUPPRESSED: Context = { span: undefined, root: undefined, baggage: undefined, suppressed: true, values: undefined }

/** Hands errors to `onError`, outside of every span, and never lets what that throws get any further. */
export function createReporter(onError: ((error: TraceError) => void) | undefined): (error: TraceError) => void {
  const deliver = onError ?? createDefaultReporter()
  return function report(error) {
    // Where that fails there is nobody left to tell.
    callUser(
      () => runOutside(() => deliver(error)),
      () => {},
    )
  }
}

/** The request in which an error came up is rarely to blame for it: its ids belong into no log line about it. */
function runOutside<T>(fn: () => T): T {
  const context = contextStorage.getStore()?.suppressed ? SUPPRESSED : undefined
  return contextStorage.run(context as Context, fn)
}

/** One line on stderr per code and minute. */
function createDefaultReporter(): (error: TraceError) => void {
  const lastTold = new Map<string, number>()
  return function print(error) {
    const now = readClock()
    const last = lastTold.get(error.code)
    if (last !== undefined && now - last < SILENCE_MS) return
    lastTold.set(error.code, now)
    process.stderr.write(`clew: ${describe(error)} (${error.code})\n`)
  }
}

/** The message, and that of the cause where it does not tell it already. */
function describe({ message, cause }: TraceError): string {
  const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : undefined
  return reason && !message.includes(reason) ? `${message}: ${redactText(reason)}` : message
}
