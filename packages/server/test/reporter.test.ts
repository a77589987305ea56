import { TraceError } from '@clew/core'
import { expect, test } from 'vitest'
import { createPrinter, createReporter } from '../src/reporter.js'

test('prints one line per code and minute', () => {
  let now = 1_000
  const lines: string[] = []
  const print = createPrinter(
    () => now,
    (line) => lines.push(line),
  )
  const reportAt = (time: number, code: 'INTERNAL' | 'STORE_CLOSED'): void => {
    now = time
    print(new TraceError(code, `at ${time}`))
  }
  reportAt(1_000, 'INTERNAL')
  reportAt(2_000, 'INTERNAL')
  reportAt(3_000, 'STORE_CLOSED')
  reportAt(60_999, 'INTERNAL')
  reportAt(61_000, 'INTERNAL')

  expect(lines).toEqual([
    'clew server: at 1000 (INTERNAL)\n',
    'clew server: at 3000 (STORE_CLOSED)\n',
    'clew server: at 61000 (INTERNAL)\n',
  ])
})

test('goes on where a listener throws', () => {
  const report = createReporter(() => {
    throw new Error('no')
  })
  expect(() => report(new TraceError('INTERNAL', 'x'))).not.toThrow()
})
