import { expect, test } from 'vitest'
import { createPacer, createTurns, runSteps } from '../src/pacer.js'
import { defer } from './support.js'

test('lets the event loop turn between two steps once the slice is over', async () => {
  const order: unknown[] = []
  function* work(): Generator<undefined, string, undefined> {
    for (let n = 0; n < 3; n++) {
      order.push(n)
      setImmediate(() => order.push('other work'))
      yield
    }
    return 'done'
  }
  expect(await runSteps(work(), createPacer(0))).toBe('done')
  expect(order).toEqual([0, 'other work', 1, 'other work', 2, 'other work'])
})

test('goes on without a pause within a slice', async () => {
  let turns = 0
  const pace = createPacer(3_600_000)
  setImmediate(() => turns++)
  for (let n = 0; n < 100; n++) await pace()
  expect(turns).toBe(0)
})

test('runs work one after the other, and the next one though one has failed', async () => {
  const inTurn = createTurns()
  const order: string[] = []
  const gate = defer<void>()
  const first = inTurn(async () => {
    await gate.promise
    order.push('first')
    throw new Error('failed')
  })
  const second = inTurn(async () => order.push('second'))
  gate.resolve()

  await expect(first).rejects.toThrow('failed')
  await second
  expect(order).toEqual(['first', 'second'])
})
