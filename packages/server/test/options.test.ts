import { TraceError } from '@clew/core'
import { memoryStore } from '@clew/store'
import { expect, test } from 'vitest'
import { createServer } from '../src/index.js'
import type { ServerOptions } from '../src/index.js'

const store = memoryStore()

test.each<[object, RegExp]>([
  [{}, /^Option store must be a TraceStore/],
  [{ store: {} }, /^Option store/],
  [{ store, token: 'x' }, /^Option token is not known; known are .*auth/],
  [{ store, auth: { token: '' } }, /^Option auth\.token/],
  [{ store, auth: {} }, /^Option auth\.token/],
  [{ store, auth: { token: undefined } }, /^Option auth\.token .*is the environment variable that holds it set\?$/],
  [{ store, auth: { token: 'two words' } }, /^Option auth\.token/],
  [{ store, auth: { token: 'späte' } }, /^Option auth\.token/],
  [{ store, allowedHosts: ['http://clew.example'] }, /^Option allowedHosts .*"http:\/\/clew\.example"/],
  [{ store, allowedHosts: ['clew.example:80'] }, /^Option allowedHosts/],
  [{ store, allowedHosts: 'clew.example' }, /^Option allowedHosts must be an array/],
  [{ store, onError: true }, /^Option onError must be a function/],
  [{ store, limits: { maxBodyBytes: 0 } }, /^Option limits\.maxBodyBytes .*got 0/],
  [{ store, limits: { maxBodyBytes: 2 ** 40 } }, /^Option limits\.maxBodyBytes/],
  [{ store, limits: { storeTimeoutMs: Infinity } }, /^Option limits\.storeTimeoutMs/],
  [{ store, limits: { maxPendingBytes: 16 * 1024 * 1024 - 1 } }, /^Option limits\.maxPendingBytes must not be below maxBodyBytes/],
  [{ store, limits: { itemsPerSpan: '128' } }, /^Option limits\.itemsPerSpan/],
  [{ store, limits: { bodyBytes: 1 } }, /^Option limits\.bodyBytes is not known/],
])('refuses %j', (options, message) => {
  const create = (): unknown => createServer(options as ServerOptions)
  expect(create).toThrow(TraceError)
  expect(create).toThrow(message)
})

test('needs nothing but a store', () => {
  expect(createServer({ store })).toHaveProperty('fetch')
})
