// What the signatures of @clew/server allow and refuse. It is compiled, never run.
import { memoryStore } from '@clew/store'
import { Hono } from 'hono'
import { expectTypeOf } from 'vitest'
import { createServer, serve } from '../../src/index.js'
import type { RunningServer, ServeOptions, ServerLimits, ServerOptions } from '../../src/index.js'

export const limits: Required<ServerLimits> = { maxBodyBytes: 1, maxPendingBytes: 1, bodyTimeoutMs: 1, itemsPerSpan: 1, storeTimeoutMs: 1 }
export const options: Required<ServerOptions> = {
  store: memoryStore(),
  auth: { token: 'ours' },
  allowedHosts: ['traces.example.com'],
  assets: '/srv/assets',
  limits,
  onError: (error) => void error.code,
  clock: Date.now,
}
export const listening: Required<ServeOptions> = { ...options, port: 0, host: '127.0.0.1' }
expectTypeOf(createServer(options)).toExtend<Hono>()
expectTypeOf(serve(listening)).toEqualTypeOf<Promise<RunningServer>>()
expectTypeOf<RunningServer['close']>().toEqualTypeOf<() => Promise<void>>()
expectTypeOf<RunningServer['url']>().toEqualTypeOf<string>()
new Hono().route('/clew', createServer({ store: memoryStore() }))
// @ts-expect-error a store is needed
createServer({})
// @ts-expect-error a token, or false
createServer({ store: memoryStore(), auth: true })
// @ts-expect-error a port is a number
void serve({ store: memoryStore(), port: '4318' })
// @ts-expect-error createServer does not listen
createServer({ store: memoryStore(), port: 4318 })
