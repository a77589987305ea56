import type { RequestDescription } from '@clew/core'
import type { ServerRequest } from '@clew/core/adapter'
import type { Context } from 'hono'
import { endWithBody } from './body.js'

/** What a request of the web platform says of itself. */
export function describeRequest(request: Request): RequestDescription {
  const { pathname, search, protocol } = new URL(request.url)
  return {
    method: request.method,
    path: pathname,
    query: search.slice(1),
    scheme: protocol === 'https:' ? 'https' : 'http',
    header: (name) => request.headers.get(name) ?? undefined,
  }
}

/** Sends the ids with an answer of the web platform, and ends the span with its body. */
export function answerWeb(c: Context, server: ServerRequest): void {
  try {
    sendIds(c, server)
    // The body of an answer to HEAD is dropped unread.
    if (c.req.raw.method === 'HEAD') server.end({ statusCode: c.res.status })
    else endWithBody(c, server)
  } catch {
    // An answer that cannot be copied, such as `Response.error()`, stays as it is.
    server.end({ statusCode: c.res.status })
  }
}

function sendIds(c: Context, server: ServerRequest): void {
  for (const [name, value] of server.responseHeaders()) {
    const append = name === 'Server-Timing'
    if (append || !c.res.headers.has(name)) c.header(name, value, { append })
  }
  server.headWritten(c.res.headers.get('content-type'))
}
