import { startServer } from '@clew/testkit'
import { expect, test } from 'vitest'
import { isFree } from '../src/free-port.js'

test('tells a port on which something listens from one that is free', async () => {
  const taken = await startServer(() => {})
  const { port } = taken
  expect(await isFree(port)).toBe(false)
  await taken[Symbol.asyncDispose]()
  expect(await isFree(port)).toBe(true)
})
