import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { createUnzip } from 'node:zlib'
import { TraceError } from '@clew/core'
import type { BodyShare } from './body-budget.js'
import type { ResolvedLimits } from './options.js'
import { createValueCounter } from './value-counter.js'

type Chunks = AsyncIterable<Uint8Array>
type Stage = (chunks: Chunks) => Chunks

/** What a body is read within. */
export interface BodyBounds {
  readonly limits: ResolvedLimits
  /** Pays for what is held of the body, which is its caller's to release. */
  readonly share: BodyShare
}

/** An attribute with names and values of usual length has 15 bytes or more per value; what is much denser was made to hurt. */
const BYTES_PER_VALUE = 12

/**
 * Reads the bytes of a JSON body, decompressed where it is marked as `gzip` or `deflate`. Never holds more of it than `maxBodyBytes`.
 *
 * Throws a `TraceError`: `PAYLOAD_TOO_LARGE` beyond `maxBodyBytes`, compressed or not, or with more values than spans fill so many bytes
 * with, since `{},` takes twenty times its bytes when it is parsed; `PAYLOAD_TIMEOUT` after `bodyTimeoutMs`; `SERVER_BUSY` where the share
 * gives no more; `INVALID_PAYLOAD` where the body ends early or cannot be decompressed.
 */
export async function readJsonBytes(request: Request, bounds: BodyBounds): Promise<Uint8Array> {
  const { maxBodyBytes, bodyTimeoutMs } = bounds.limits
  if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLarge(maxBodyBytes)
  if (!request.body) return new Uint8Array()
  const signal = AbortSignal.timeout(bodyTimeoutMs)
  try {
    return await readBytes(request, request.body as ReadableStream<Uint8Array>, { ...bounds, signal })
  } catch (error) {
    if (error instanceof TraceError) throw error
    if (signal.aborted) throw new TraceError('PAYLOAD_TIMEOUT', `The body did not arrive within ${bodyTimeoutMs} ms`, { cause: error })
    throw new TraceError('INVALID_PAYLOAD', `The body cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/** Parses them. Throws a `TraceError` with `INVALID_PAYLOAD` where they are not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new TraceError('INVALID_PAYLOAD', `The body is not JSON in UTF-8: ${(error as Error).message}`, { cause: error })
  }
}

function readBytes(request: Request, body: ReadableStream<Uint8Array>, bounds: BodyBounds & { signal: AbortSignal }): Promise<Uint8Array> {
  const { limits, share, signal } = bounds
  const source = Readable.fromWeb(body)
  const hold = createHold(limits.maxBodyBytes, share)
  if (!/^(gzip|deflate)$/i.test(request.headers.get('content-encoding') ?? '')) return pipeline(source, hold, readAll, { signal })
  return pipeline(source, createBound(limits.maxBodyBytes), createUnzip(), hold, readAll, { signal })
}

function createBound(maxBytes: number): Stage {
  return async function* passUpTo(chunks) {
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.byteLength
      if (size > maxBytes) throw tooLarge(maxBytes)
      yield chunk
    }
  }
}

function createHold(maxBytes: number, share: BodyShare): Stage {
  const bound = createBound(maxBytes)
  const countValues = createValueCounter()
  const maxValues = Math.floor(maxBytes / BYTES_PER_VALUE)
  return async function* passWhatIsPaid(chunks) {
    for await (const chunk of bound(chunks)) {
      share.take(chunk.byteLength)
      if (countValues(chunk) > maxValues) throw tooManyValues(maxValues)
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

function tooManyValues(maxValues: number): TraceError {
  return new TraceError('PAYLOAD_TOO_LARGE', `The body holds more than ${maxValues} JSON values; send fewer spans at a time`)
}
