import { signal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { toHref } from './navigation.js'

/** Two dashboards of one origin have a token each. */
const KEY = `clew.token ${toHref('/')}`

/** What the server asks for before it answers, where it asks. It lasts as long as the tab. */
export const token: Signal<string | undefined> = signal(readToken())

/** Sends this token from now on. */
export function setToken(text: string): void {
  token.value = text
  try {
    sessionStorage.setItem(KEY, text)
  } catch {
    // storage is switched off: the token lasts until the page is loaded anew
  }
}

function readToken(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}
