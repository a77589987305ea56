import { describe, expect, it } from 'vitest'
import { openStore } from '../src/index.js'

describe('openStore', () => {
  it('opens a memory store', async () => {
    await using store = await openStore('memory:')
    expect(await store.health()).toMatchObject({ kind: 'memory', maxBytes: 64 * 1024 * 1024 })
  })

  it('takes the bounds of a memory store from the URL', async () => {
    await using store = await openStore('memory:?maxBytes=1000000&retentionMs=60000')
    expect(await store.health()).toMatchObject({ maxBytes: 1_000_000 })
  })

  it.each([
    ['', 'is not a URL'],
    ['orders.db', 'is not a URL'],
    ['carrier-pigeon://coop', 'unknown scheme carrier-pigeon:; understood is memory:'],
    ['constructor:', 'unknown scheme constructor:'],
    ['memory:traces', 'names a place'],
    ['memory://traces', 'names a place'],
    ['memory:?maxbytes=1', 'unknown option maxbytes'],
    ['memory:?maxBytes=64MiB', 'maxBytes'],
    ['memory:?maxBytes=0', 'maxBytes'],
    ['memory:?maxBytes', 'maxBytes'],
  ])('says what is wrong with %j', async (url, message) => {
    await expect(openStore(url)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_URL', message: expect.stringContaining(message) }),
    )
  })

  it('does not repeat a password', async () => {
    await expect(openStore('ftp://user:secret@host')).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })
})
