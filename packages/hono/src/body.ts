import { runRequest, type ServerRequest } from '@clew/core/adapter'
import type { Context } from 'hono'

/**
 * Ends the server span with the body of the answer. Two chunks are read ahead: a text is one chunk and its end, so the span of an answer
 * that nobody reads ends as well. Streams wait for their reader.
 */
export function endWithBody(c: Context, server: ServerRequest): void {
  const { body, status } = c.res
  if (body === null) return server.end({ statusCode: status })
  const reader = body.getReader()
  let left = false
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await runRequest(server, () => reader.read())
          // The reader may have gone while the chunk was on its way.
          if (left) return
          if (!done) return controller.enqueue(value)
          controller.close()
          server.end({ statusCode: status })
        } catch (error) {
          if (left) return
          controller.error(error)
          server.end({ statusCode: status, error })
        }
      },
      async cancel(reason) {
        left = true
        try {
          await runRequest(server, () => reader.cancel(reason))
        } finally {
          server.end({ statusCode: status, aborted: true })
        }
      },
    },
    { highWaterMark: 2 },
  )
  c.res = new Response(stream, c.res)
}
