import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Mark } from './icons.js'
import { navigate, place, toHref } from './navigation.js'
import { matchRoute, toTracePath } from './route.js'
import type { Route } from './route.js'
import { loadServices } from './services.js'
import { EmptyState } from './states.js'
import { token } from './token.js'
import { TraceListView } from './trace-list.js'
import { TraceView } from './trace-view.js'
import { readField } from './form-field.js'

/** The page: its head, and the view that the address stands for. */
export function App(): JSX.Element {
  useEffect(() => {
    const controller = new AbortController()
    void loadServices(controller.signal)
    return () => controller.abort()
  }, [token.value])
  return (
    <>
      <a class="skip" href="#main" onClick={focusMain}>
        Skip to the content
      </a>
      <PageHead />
      <main id="main" tabIndex={-1}>
        <View route={matchRoute(place.value.path)} />
      </main>
    </>
  )
}

function View({ route }: { route: Route }): JSX.Element {
  if (route.view === 'traces') return <TraceListView />
  if (route.view === 'trace') return <TraceView key={route.id} id={route.id} />
  return (
    <EmptyState title="There is nothing at this address">
      <p>
        <a href={toHref('/traces')}>All traces</a>
      </p>
    </EmptyState>
  )
}

function PageHead(): JSX.Element {
  return (
    <header class="page-head">
      <a class="brand" href={toHref('/traces')} aria-label="clew: all traces">
        <Mark />
        <span>clew</span>
      </a>
      <nav aria-label="Views">
        <a href={toHref('/traces')} aria-current={matchRoute(place.value.path).view === 'traces' ? 'page' : undefined}>
          Traces
        </a>
      </nav>
      <OpenBox />
    </header>
  )
}

function OpenBox(): JSX.Element {
  const open = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const id = readField(form, 'id')
    if (id === '') return
    form.reset()
    navigate(toTracePath(id))
  }
  return (
    <form class="open-box" role="search" onSubmit={open}>
      <input
        name="id"
        type="search"
        placeholder="Open a trace by its id"
        aria-label="Trace id or external id"
        autocomplete="off"
        spellcheck={false}
      />
      <button class="button" type="submit">
        Open
      </button>
    </form>
  )
}

// A fragment link would be resolved against <base>, not against the address.
function focusMain(event: MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
