import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { AnswerFailure, Failure } from './failure.js'

const REFUSAL: Failure = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'The token is missing or wrong; send it as "Authorization: Bearer <token>"',
  headers: { 'WWW-Authenticate': 'Bearer realm="clew"' },
}

/** Lets only requests pass that carry the token (RFC 6750, section 2.1); without a token all do. */
export function requireToken(token: string | undefined, answer: AnswerFailure): MiddlewareHandler {
  const expected = token === undefined ? undefined : toDigest(token)
  return async function checkToken(c, next) {
    if (expected && !timingSafeEqual(toDigest(parseBearer(c.req.header('authorization'))), expected)) return answer(c, REFUSAL)
    return next()
  }
}

function parseBearer(header: string | undefined): string {
  return /^bearer +([\x21-\x7e]+) *$/i.exec(header ?? '')?.[1] ?? ''
}

/** Digests are of equal length, as `timingSafeEqual` asks, and tell nothing of the token's. */
function toDigest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
