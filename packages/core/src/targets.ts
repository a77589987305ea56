import { invalid } from './check.js'
import type { PropagationOptions } from './options.js'
import { callUser } from './user-callback.js'

/** Whether ids go to a URL, and whether it was named explicitly: only then does `baggage` go there, too. */
export type TargetTest = (url: URL, onThrow: (error: unknown) => void) => { readonly send: boolean; readonly explicit: boolean }

/** `_` is in the names that container networks give. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d+)?$/i
const EVERYWHERE = { send: true, explicit: false }
const NOWHERE = { send: false, explicit: false }
const NAMED = { send: true, explicit: true }

/** Throws `INVALID_OPTION` for a string that is neither a URL nor a host name. */
export function compileTargets(targets: PropagationOptions['targets'], option = 'propagation.targets'): TargetTest {
  if (targets === undefined) return () => EVERYWHERE
  if (typeof targets === 'function') return (url, onThrow) => (callUser(() => targets(new URL(url)), onThrow) ? NAMED : NOWHERE)
  const tests = targets.map((target, index) => compileTarget(target, `${option}[${index}]`))
  return (url) => (tests.some((test) => test(url)) ? NAMED : NOWHERE)
}

/** A prefix is compared by its parts: `https://api.example` is not the beginning of `https://api.example.attacker.net`, nor `/v1` of `/v1beta`. */
function compileTarget(target: string | RegExp, name: string): (url: URL) => boolean {
  if (target instanceof RegExp) return (url) => url.href.search(target) !== -1
  if (HOST.test(target)) return hostTest(target.toLowerCase())
  if (!/^https?:/i.test(target) || !URL.canParse(target)) throw invalid(name, 'the beginning of a URL or a host name', target)
  const { origin, pathname } = new URL(target)
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`
  return (url) => url.origin === origin && (url.pathname === pathname || url.pathname.startsWith(folder))
}

/** A name alone stands for all of its ports; that of the scheme is absent from `url.host`. */
function hostTest(host: string): (url: URL) => boolean {
  return (url) =>
    url.hostname === host || url.host === host || (`${url.hostname}:${url.protocol === 'https:' ? 443 : 80}` === host && url.port === '')
}
