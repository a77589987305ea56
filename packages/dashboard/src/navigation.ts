import { signal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { matchRoute, parsePlace } from './route.js'
import type { Place } from './route.js'

/** The mount path as a whole URL. Taken once: the server's <base href> is relative, so its meaning would change with the address. */
const BASE = document.baseURI

/** Where the page is. Changed by `navigate` and by the browser's history. */
export const place: Signal<Place> = signal(readPlace())

/** How the last change came about: `history` is Back or Forward, where lists are shown as they were left. */
export const arrival: Signal<'link' | 'history'> = signal('link')

/** The address of a path of ours, or of the API (`api/v1/...`), below the mount path. */
export function toHref(path: string): string {
  return new URL(path.replace(/^\//, ''), BASE).href
}

/** Goes to a path. `replace` leaves no entry in the history. */
export function navigate(path: string, options?: { replace?: boolean }): void {
  if (options?.replace) history.replaceState(history.state, '', toHref(path))
  else {
    history.replaceState({ scrollY }, '')
    history.pushState(null, '', toHref(path))
  }
  arrival.value = 'link'
  place.value = readPlace()
}

/** Follows links to our own views without loading the page anew, and the browser's Back and Forward. */
export function startRouter(): void {
  history.scrollRestoration = 'manual'
  addEventListener('popstate', () => {
    arrival.value = 'history'
    place.value = readPlace()
  })
  document.addEventListener('click', followLink)
}

/** Where the page was scrolled to when its history entry was left, in pixels. */
export function readScroll(): number {
  const state = history.state as { scrollY?: number } | null
  return arrival.value === 'history' ? (state?.scrollY ?? 0) : 0
}

function followLink(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.('a')
  if (!link || event.defaultPrevented || event.button !== 0 || link.target || link.hasAttribute('download')) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const target = parsePlace(link.href, BASE)
  if (!target || matchRoute(target.path).view === 'unknown') return
  event.preventDefault()
  navigate(target.path + target.query)
}

function readPlace(): Place {
  return parsePlace(location.href, BASE) ?? { path: location.pathname, query: location.search }
}
