import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeRecords, type RecordStream } from '../src/log-merge.js'
import { parseLogRecord } from '../src/log-record.js'
import type { FoundRecord } from '../src/log-scan.js'

function createStream(name: string, times: readonly (number | undefined)[], onClose: () => void = () => undefined): RecordStream {
  async function* records(): AsyncGenerator<FoundRecord> {
    try {
      for (const [index, time] of times.entries()) {
        const record = parseLogRecord(`${name}${index}`)
        yield time === undefined ? { record } : { record, time }
      }
    } finally {
      onClose()
    }
  }
  return { name, records: records() }
}

async function merge(files: Readonly<Record<string, readonly (number | undefined)[]>>): Promise<{ order: string[]; disordered: string[] }> {
  const order: string[] = []
  const disordered: string[] = []
  const streams = Object.entries(files).map(([name, times]) => createStream(name, times))
  for await (const { record } of mergeRecords(streams, (name) => disordered.push(name))) order.push(record.text)
  return { order, disordered }
}

test('keeps the order of the files for equal times, and puts records before any time first', async () => {
  expect(await merge({ a: [1, 2], b: [1, 1, 3], c: [undefined, 2] })).toEqual({
    order: ['c0', 'a0', 'b0', 'b1', 'a1', 'c1', 'b2'],
    disordered: [],
  })
})

test('names a file that runs backwards once', async () => {
  expect((await merge({ a: [5, 3, 4, 1], b: [2] })).disordered).toEqual(['a'])
})

test('merges like a stable sort whatever the files hold', async () => {
  const times = fc.array(fc.nat({ max: 20 }), { maxLength: 12 }).map((list) => list.toSorted((a, b) => a - b))
  await fc.assert(
    fc.asyncProperty(fc.array(times, { maxLength: 9 }), async (files) => {
      const named = Object.fromEntries(files.map((list, index) => [String.fromCharCode(97 + index), list]))
      const expected = Object.entries(named).flatMap(([name, list]) => list.map((time, index) => ({ time, text: `${name}${index}` })))
      expect((await merge(named)).order).toEqual(expected.toSorted((a, b) => a.time - b.time).map(({ text }) => text))
    }),
    { seed: 20_251_121 },
  )
})

test('closes every file where the reader stops early', async () => {
  let closed = 0
  const streams = ['a', 'b', 'c'].map((name) => createStream(name, [1, 2, 3], () => closed++))
  for await (const { record } of mergeRecords(streams, () => undefined)) {
    expect(record.text).toBe('a0')
    break
  }
  expect(closed).toBe(3)
})
