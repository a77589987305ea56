import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { createUnzip } from 'node:zlib'
import { TraceError } from '@clew/core'

type Chunks = AsyncIterable<Uint8Array>

/**
 * Reads a JSON body, decompressed where it is marked as `gzip` or `deflate`. Never holds more than `maxBytes` of it.
 *
 * Throws a `TraceError`: `PAYLOAD_TOO_LARGE` beyond `maxBytes`, compressed or not; `INVALID_PAYLOAD` where it ends early, cannot be
 * decompressed, or is not JSON in UTF-8.
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes)
  const bytes = await readBytes(request, maxBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new TraceError('INVALID_PAYLOAD', `The body is not JSON in UTF-8: ${(error as Error).message}`, { cause: error })
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (!request.body) return new Uint8Array()
  const source = Readable.fromWeb(request.body as ReadableStream<Uint8Array>)
  const bound = createBound(maxBytes)
  try {
    if (!request.headers.has('content-encoding')) return await pipeline(source, bound, readAll)
    return await pipeline(source, bound, createUnzip(), createBound(maxBytes), readAll)
  } catch (error) {
    if (error instanceof TraceError) throw error
    throw new TraceError('INVALID_PAYLOAD', `The body cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

function createBound(maxBytes: number): (chunks: Chunks) => Chunks {
  return async function* passUpTo(chunks) {
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.byteLength
      if (size > maxBytes) throw tooLarge(maxBytes)
      yield chunk
    }
  }
}

function readAll(chunks: Chunks): Promise<Uint8Array> {
  return buffer(chunks)
}

function tooLarge(maxBytes: number): TraceError {
  return new TraceError('PAYLOAD_TOO_LARGE', `The body is larger than ${maxBytes} bytes, counted before and after decompression`)
}
