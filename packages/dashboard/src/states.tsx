import type { ComponentChildren, JSX } from 'preact'
import type { Failure } from './api.js'
import { ErrorIcon, Mark } from './icons.js'
import { RETRY_MS } from './load.js'
import { setToken } from './token.js'
import { readField } from './form-field.js'

const TITLES: Readonly<Record<Failure['kind'], string>> = {
  offline: 'No answer from the server',
  'not-found': 'No such trace',
  refused: 'This server asks for a token',
  error: 'That did not work',
}

/** Says what went wrong and offers to try again. */
export function FailureState({ failure, retry }: { failure: Failure; retry: () => void }): JSX.Element {
  return (
    <section class="state" role="alert">
      <ErrorIcon />
      <h2>{TITLES[failure.kind]}</h2>
      <p>{failure.message}</p>
      {failure.kind === 'offline' && <p class="muted">Asking again every {RETRY_MS / 1_000} seconds.</p>}
      {failure.kind === 'not-found' && <p class="muted">Sampling may have passed it over, or its spans are still on their way.</p>}
      {failure.kind === 'refused' ? (
        <TokenForm retry={retry} />
      ) : (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </section>
  )
}

function TokenForm({ retry }: { retry: () => void }): JSX.Element {
  const send = (event: SubmitEvent): void => {
    event.preventDefault()
    const text = readField(event.currentTarget as HTMLFormElement, 'token')
    if (text === '') return
    setToken(text)
    retry()
  }
  return (
    <form class="token-form" onSubmit={send}>
      <input name="token" type="password" aria-label="Token" autocomplete="current-password" />
      <button type="submit" class="button">
        Send
      </button>
    </form>
  )
}

/** Says that there is nothing, and why. */
export function EmptyState({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="state">
      <Mark />
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** Grey rows in the place of what is on its way. They stay invisible for a moment, so that fast answers do not flicker. */
export function LoadingState({ label, rows }: { label: string; rows: number }): JSX.Element {
  return (
    <div class="loading" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} class="loading-row" />
      ))}
    </div>
  )
}
