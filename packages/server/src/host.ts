import { isIPv4 } from 'node:net'
import type { Context, MiddlewareHandler } from 'hono'
import type { AnswerFailure, Failure } from './failure.js'

/** The names a browser on the same machine uses. A page of another site cannot make them its own. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** True for addresses that only the same machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** The host as it stands in a URL: IPv6 addresses get their brackets. */
export function toUrlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/**
 * Answers only requests that are addressed to one of `hosts`. A page of another site can have its own name point to 127.0.0.1 and would
 * then read our answers as its own (DNS rebinding); the `Host` header still bears its name.
 */
export function checkHost(hosts: ReadonlySet<string> | undefined, answer: AnswerFailure): MiddlewareHandler {
  return async function checkHostHeader(c, next) {
    if (hosts && !hosts.has(readHostName(c))) return answer(c, refuse(c))
    return next()
  }
}

function readHostName(c: Context): string {
  return (c.req.header('host') ?? '').toLowerCase().replace(/:\d*$/, '')
}

function refuse(c: Context): Failure {
  const host = JSON.stringify(c.req.header('host') ?? '')
  return { status: 403, code: 'HOST_NOT_ALLOWED', message: `Host ${host} is not answered here; name it in allowedHosts to allow it` }
}
