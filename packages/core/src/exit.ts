const EXIT_TIMEOUT_MS = 2000
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** What is flushed at the end of the process. */
export interface Flushable {
  /** Changes whenever there is something new to flush; 0 where nothing waits. */
  backlog(): number
  flush(options: { timeoutMs: number }): Promise<void>
}

/** Shared by the copies of this package in a process: two listeners would each wait for the other. */
interface ExitRegistry {
  readonly pending: Set<Flushable>
  installed: boolean
}

const KEY: symbol = Symbol.for('clew.exit.1')
const shared = ((globalThis as unknown as Record<symbol, ExitRegistry | undefined>)[KEY] ??= { pending: new Set(), installed: false })

/** Flushes at `beforeExit`, and at SIGTERM and SIGINT where ours is the only listener; then the signal is raised again. */
export function flushOnExit(tracer: Flushable): void {
  shared.pending.add(tracer)
  if (shared.installed) return
  shared.installed = true
  process.on('beforeExit', () => void flushAll())
  // Before all others: a listener added by `once` is gone when those after it run, and could not be seen any more.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal)
}

/** The opposite of `flushOnExit`. */
export function forgetOnExit(tracer: Flushable): void {
  shared.pending.delete(tracer)
}

const lastTried = new WeakMap<Flushable, number>()

/** Every wait brings about another `beforeExit`: what could not be flushed once is not tried again. */
async function flushAll(): Promise<void> {
  const waiting = [...shared.pending].filter((tracer) => tracer.backlog() !== 0 && tracer.backlog() !== lastTried.get(tracer))
  for (const tracer of waiting) lastTried.set(tracer, tracer.backlog())
  if (waiting.length > 0) await Promise.all(waiting.map((tracer) => tracer.flush({ timeoutMs: EXIT_TIMEOUT_MS })))
}

/** A listener of the host's decides for itself when the process ends; without one our being here must not keep it alive. A second signal does not wait. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  process.off(signal, onSignal)
  void flushAll().finally(() => process.kill(process.pid, signal))
}
