import { useEffect, useState } from 'preact/hooks'
import type { Answer } from './api.js'

/** How long to wait before a server that did not answer is asked again. */
export const RETRY_MS = 5_000

/** Something asked for: `answer` is undefined while it is on its way. */
export interface Loaded<T> {
  readonly answer: Answer<T> | undefined
  reload(): void
}

/** Asks when `key` changes and on `reload()`; asks again by itself while the server cannot be reached. */
export function useLoaded<T>(key: string, ask: (signal: AbortSignal) => Promise<Answer<T>>): Loaded<T> {
  const [state, setState] = useState<{ key: string; answer: Answer<T> }>()
  const [round, setRound] = useState(0)
  const answer = state?.key === key ? state.answer : undefined
  const reload = (): void => setRound((value) => value + 1)

  useEffect(() => {
    const controller = new AbortController()
    void ask(controller.signal).then((next) => {
      if (!controller.signal.aborted) setState({ key, answer: next })
    })
    return () => controller.abort()
  }, [key, round])

  useRetry(answer, reload)
  return { answer, reload }
}

/** Calls `retry` every few seconds for as long as the answer is that nobody answers. */
export function useRetry(answer: Answer<unknown> | undefined, retry: () => void): void {
  useEffect(() => {
    if (!answer || answer.ok || answer.failure.kind !== 'offline') return
    const timer = setTimeout(retry, RETRY_MS)
    return () => clearTimeout(timer)
  }, [answer])
}
