import { expect, test } from 'vitest'
import { createBodyBudget } from '../src/body-budget.js'

test('gives bytes to shares until none are left, and again what a share releases', () => {
  const budget = createBodyBudget(10)
  const [first, second] = [budget.open(), budget.open()]
  first.take(4)
  second.take(6)
  expect(() => first.take(1)).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))

  second.release()
  second.release()
  first.take(6)
  expect(() => second.take(1)).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
})
